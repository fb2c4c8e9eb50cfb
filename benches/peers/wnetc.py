#!/usr/bin/env python3
"""wnetc as a worker of peers.py: `--ext "wnetc=python3 benches/peers/wnetc.py target/release/wnetc"`.

Each `go SECONDS` runs `wnetc bench` on the workload's model for that long. Weights and inputs are drawn by wnetc, so the
value isn't that of the other workers; `tests/reference/train` compares values.
"""
import json, os, subprocess, sys, time

MODELS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models")
SIZES = {"W1a": ["batch=1"], "W1b": ["batch=32"], "W2": ["batch=64"], "W3": ["batch=128"], "W4": ["batch=64"],
         "W5": ["batch=8"], "W6": ["batch=8"], "W7": ["batch=32", "seq=64"]}


def main(binary, workload, mode, threads, _cache):
    model = os.path.join(MODELS, workload[:2].lower() + ".wnet")
    command = [binary, "bench", model, "--mode", "forward" if mode == "fwd" else "train", "--threads", threads]
    command += [part for size in SIZES[workload] for part in ("--set", size)]
    bench = lambda seconds: json.loads(subprocess.run(
        [*command, "--format", "json", "--seconds", seconds], check=True, capture_output=True).stdout)
    start = time.time()
    peak = (first := bench("0.000001"))["peak_rss"]
    print(json.dumps({"ready": True, "start_to_first_s": time.time() - start, "value": first["value"]}), flush=True)
    for line in sys.stdin:
        found = bench(line.split()[1])
        peak = max(peak, found["peak_rss"])
        print(json.dumps({key: found[key] for key in ("median_s", "min_s", "max_s", "n")}), flush=True)
    print(json.dumps({"peak_rss": peak}), flush=True)


main(*sys.argv[1:])
