"""What the scripts beside this one have in common: cases of operators, PyTorch's values for them, and the files.

A script registers cases and calls `write()`, which makes OP.wnet (for layers OP_layer.wnet), with a model `case_N` for
each case, and OP.npz, with `case_N.` before each name: inputs.*, weights.* (owners' keys, buffers included), outputs.*,
grad_outputs.*, grads.* of weights, grads.input.*, after.* (buffers after a call in train mode); the flag `train` where
the mode is, `f64` where single precision is left out, and constants.* for inputs of which PyTorch gives no gradient.
Floats are f64, and those of inputs and weights are exact in f32 too. What can't be said in wnet is counted and printed
with the reason.

    Debian: python3-torch (1.13), and expecttest

Cases come from three sources:

    case("silu", "input x: [3, 4]\\noutput silu(x)", {"x": normal(3, 4)}, {}, lambda x, w: {"output": F.silu(x["x"])})
    module_cases("Conv2d")                                     # PyTorch's own samples of torch.nn.Conv2d
    module_cases("Conv2d", [sample(3, 4, 3, padding=1, inputs=[normal(2, 3, 5, 5)])])
    op_cases("nn.functional.conv2d")                           # PyTorch's own samples of the function
    op_cases("nn.functional.conv2d", [sample(normal(1, 2, 4, 4), normal(3, 2, 2, 2), stride=2)])
"""

import inspect
import pathlib
import random
import sys
import zlib
from collections import Counter

import numpy as np
import torch
from torch.nn.utils.stateless import functional_call
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.common_modules import module_db

HERE = pathlib.Path(__file__).parent
# Arguments that mean nothing in wnet.
MEANINGLESS = {"device", "inplace", "sparse", "out", "memory_format", "layout", "requires_grad", "compute_mode"}
# The last parts of the names of buffers.
BUFFERS = ("running_mean", "running_var")
CASES = {}
LEFT_OUT = {}


class Unsayable(Exception):
    """Why a sample can't be written in wnet."""


# What draws the numbers of inputs and weights.


def normal(*shape, scale=1.0):
    return lambda rng: rng.standard_normal(shape) * scale


def positive(*shape):
    return lambda rng: rng.uniform(0.5, 2.0, shape)


def uniform(low, high, *shape):
    return lambda rng: rng.uniform(low, high, shape)


def ints(bound, *shape):
    return lambda rng: rng.integers(0, bound, shape)


def bools(*shape):
    return lambda rng: rng.integers(0, 2, shape).astype(bool)


def given(values):
    """These numbers: a tensor or an array."""
    array = values.detach().numpy().copy() if isinstance(values, torch.Tensor) else np.asarray(values)
    return lambda rng: array


class Sample:
    def __init__(self, args, kwargs, inputs=(), weights=None):
        self.args, self.kwargs, self.inputs, self.weights = args, kwargs, inputs, weights or {}


def sample(*args, inputs=(), weights=None, **kwargs):
    """What stands in the parentheses of a layer, with the operands of a call; or in those of a function, where drawers
    stand for tensors. `weights` replaces how some weights of a layer are drawn, by their keys in it."""
    return Sample(args, kwargs, inputs, weights)


# Cases.


def case(op, program, inputs, weights, function, mode="eval", constants=(), f64_only=False):
    """`function(inputs, weights)` returns a dict of outputs; in train mode it changes buffers in place. PyTorch has no
    gradient of the inputs named in `constants`. `f64_only` where the function jumps between two singles."""
    CASES.setdefault(op, []).append((program, inputs, weights, function, mode, set(constants), f64_only))


class Options:
    """How samples become cases: those named in `without` must have their defaults, and are left out; `rename` gives
    arguments another name; `order` names the positional ones where wnet's order is another or Python doesn't know
    PyTorch's; `skip(args, kwargs)` may return why a sample can't be said; tensors of more than `largest` elements can't;
    `constants` and `f64_only` are those of `case`. Of more than `most` samples, so many are chosen by chance."""

    def __init__(
        self, without=(), rename=None, order=None, skip=None, largest=600, constants=(), f64_only=False, most=100
    ):
        self.without, self.rename, self.order, self.skip = without, rename or {}, order, skip
        self.largest, self.constants, self.f64_only, self.most = largest, constants, f64_only, most


def module_cases(name, samples=None, modes=("eval",), **options):
    """Cases of `torch.nn.NAME`, from its own samples in PyTorch's tests if no others are there."""
    if samples is None:
        info = next(info for info in module_db if info.name == f"nn.{name}")
        seed()
        found = info.module_inputs_func(info, device="cpu", dtype=torch.float64, requires_grad=True, training=True)
        samples = [sample_of_module(input) for input in found]
    options = Options(**options)
    for one in thinned(name, samples, options.most):
        for mode in modes:
            attempt(name, lambda: module_case(name, one, mode, options))


def seed():
    """PyTorch's samples draw from all of these."""
    torch.manual_seed(0)
    random.seed(0)
    np.random.seed(0)


def sample_of_module(input):
    made, called = input.constructor_input, input.forward_input
    return Sample(made.args, made.kwargs, [*called.args, *called.kwargs.items()])


def module_case(name, one, mode, options):
    torch.manual_seed(0)
    kwargs = {key: value for key, value in one.kwargs.items() if key != "dtype"}
    module = getattr(torch.nn, name)(*one.args, **kwargs).double()
    module.train(mode == "train")
    arguments = write_arguments(one.args, kwargs, inspect.signature(type(module)), Inputs(options.largest), options)
    weights = {}
    for key, value in module.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            usual = positive(*value.shape) if key.endswith("var") else normal(*value.shape, scale=0.5)
            weights[f"f.{key}"] = one.weights.get(key, usual)
    operands = Inputs(options.largest)
    call = [value if isinstance(value, tuple) and isinstance(value[0], str) else ("", value) for value in one.inputs]
    # A pair of states is two arguments.
    texts = [(key, operands.write(value).strip("[]" if isinstance(value, tuple) else "")) for key, value in call]
    texts = [text if key in ("", "input") else f"{key}={text}" for key, text in texts]

    def function(x, w):
        own = {key[2:]: value for key, value in w.items()}
        args = tuple(operands.read(value, x) for key, value in call if not key)
        by_name = {key: operands.read(value, x) for key, value in call if key}
        return results(functional_call(module, own, args, by_name))

    layer = f"layer f = {name}({', '.join(arguments)})\n"
    finish(name, operands, weights, function, (layer, f"f({', '.join(texts)})"), mode, options)


def op_cases(name, samples=None, variant=None, wnet=None, write=None, **options):
    """Cases of the function `torch.NAME`, from its own samples in PyTorch's tests if no others are there. `wnet` is its
    name there, if it isn't the last part of `name`; `write(texts)` makes the expression of the texts of the arguments."""
    wnet = wnet or name.split(".")[-1]
    function = torch
    for part in name.split("."):
        function = getattr(function, part, None) or getattr(torch.Tensor, part)
    if samples is None:
        samples = []
        for info in op_db:
            if info.name == name and variant in (None, info.variant_test_name):
                function = info.op
                seed()
                for input in info.sample_inputs("cpu", torch.float64, requires_grad=True):
                    samples.append(Sample((input.input, *input.args), input.kwargs))
        assert samples, f"PyTorch has no samples of {name}"
    options = Options(**options)
    for one in thinned(wnet, samples, options.most):
        attempt(wnet, lambda: op_case(wnet, function, one, write, options))


def op_case(wnet, function, one, write, options):
    operands = Inputs(options.largest)
    try:
        signature = inspect.signature(function)
    except ValueError:
        signature = None
    texts = write_arguments(one.args, one.kwargs, signature, operands, options)
    expression = write(texts) if write else f"{wnet}({', '.join(texts)})"

    def call(x, _):
        args = [operands.read(value, x) for value in one.args]
        return results(function(*args, **{key: operands.read(value, x) for key, value in one.kwargs.items()}))

    finish(wnet, operands, {}, call, ("", expression), "eval", options)


def finish(op, operands, weights, function, text, mode, options):
    """Registers a case whose results are y, or y0, y1, …"""
    rng = np.random.default_rng(0)
    constants = {key for key in operands.declared if key in options.constants}
    try:
        outputs = function(tensors(operands.drawers, rng, constants), tensors(weights, rng, ()))
    except RuntimeError as error:
        if "not differentiable with respect to" not in str(error):
            raise
        constants |= operands.constants
        outputs = function(tensors(operands.drawers, rng, constants), tensors(weights, rng, ()))
    for value in outputs.values():
        if value.is_complex():
            raise Unsayable("complex results")
        if value.numel() > options.largest:
            raise Unsayable("large results")
    layer, expression = text
    declared = "".join(f"input {key}: {shape}\n" for key, shape in operands.declared.items())
    names = ", ".join(outputs)
    program = f"{declared}{layer}{names} = {expression}\noutput {names}"
    case(op, program, operands.drawers, weights, function, mode, constants, options.f64_only)


def thinned(op, samples, most):
    samples = list(samples)
    LEFT_OUT.setdefault(op, Counter())
    if len(samples) <= most:
        return samples
    LEFT_OUT[op]["one of many alike"] += len(samples) - most
    chosen = np.random.default_rng(zlib.crc32(op.encode())).choice(len(samples), most, replace=False)
    return [samples[index] for index in sorted(chosen)]


def attempt(op, make):
    try:
        make()
    except Unsayable as why:
        LEFT_OUT[op][str(why)] += 1


# From Python to wnet.


class Inputs:
    """The tensors of a call, which are inputs x0, x1, … of the model."""

    def __init__(self, largest):
        self.largest, self.drawers, self.declared, self.names = largest, {}, {}, {}
        # Those that PyTorch's samples don't differentiate by.
        self.constants = set()

    def write(self, value):
        """The text of an argument; a tensor is declared, and its name is the text."""
        if is_list(value):
            return "[" + ", ".join(self.write(item) for item in value) + "]"
        if not is_tensor(value):
            return literal(value)
        if id(value) in self.names:
            return self.names[id(value)]
        if isinstance(value, torch.Tensor) and value.is_complex():
            raise Unsayable("complex operands")
        drawer = given(value) if isinstance(value, torch.Tensor) else value
        array = np.asarray(drawer(np.random.default_rng(0)))
        if array.size > self.largest:
            raise Unsayable("large operands")
        name = f"x{len(self.drawers)}"
        self.names[id(value)], self.drawers[name] = name, drawer
        if isinstance(value, torch.Tensor) and not value.requires_grad:
            self.constants.add(name)
        self.declared[name] = {"f": "", "i": "int", "u": "int", "b": "bool"}[array.dtype.kind] + str(list(array.shape))
        return name

    def read(self, value, x):
        """The argument with the values of the inputs put in."""
        if is_list(value):
            return type(value)(self.read(item, x) for item in value)
        return x[self.names[id(value)]] if is_tensor(value) else value


def is_tensor(value):
    return isinstance(value, torch.Tensor) or callable(value)


def is_list(value):
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(is_tensor(item) for item in value)


def write_arguments(args, kwargs, signature, inputs, options):
    """The texts of the arguments, positional as far as wnet knows their order."""
    reason = options.skip and options.skip(args, kwargs)
    if reason:
        raise Unsayable(reason)
    parameters = signature.parameters.values() if signature else []
    known = options.order or [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    defaults = {p.name: p.default for p in parameters}
    texts, by_name = [], options.order is not None
    for index, value in enumerate(args):
        name = known[index] if index < len(known) else None
        if is_left_out(name, value, defaults, options):
            by_name = True
        else:
            positional = not by_name or is_tensor(value) or is_list(value)
            texts.append(inputs.write(value) if positional else f"{options.rename.get(name, name)}={inputs.write(value)}")
    for name, value in kwargs.items():
        if not is_left_out(name, value, defaults, options):
            texts.append(f"{options.rename.get(name, name)}={inputs.write(value)}")
    return texts


def is_left_out(name, value, defaults, options):
    """The argument has no place in wnet; it must have a value that says nothing."""
    if name == "dtype":
        if value not in (None, torch.float64):
            raise Unsayable(f"dtype={value}")
        return True
    if name in options.without and not any(value is one or value == one for one in (None, False, defaults.get(name))):
        raise Unsayable(f"{name}={value}")
    return name in options.without or name in MEANINGLESS


def literal(value):
    """A Python value as it is written in wnet."""
    if value is None:
        return "none"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return repr(float(value))
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    raise Unsayable(f"an argument of type {type(value).__name__}")


def results(result):
    """Results as a dict: y, or y0, y1, … in PyTorch's order, tuples in tuples flattened."""

    def flat(value):
        return [value] if isinstance(value, torch.Tensor) else [one for item in value for one in flat(item)]

    values = flat(result)
    return {"y": values[0]} if len(values) == 1 else {f"y{index}": value for index, value in enumerate(values)}


# The values.


def tensors(drawers, rng, constants):
    made = {}
    for key, draw in drawers.items():
        array = np.asarray(draw(rng))
        if array.dtype.kind == "f":
            array = array.astype(np.float32).astype(np.float64)
        elif array.dtype.kind == "i":
            array = array.astype(np.int64)
        value = torch.from_numpy(array.copy())
        gradient = value.is_floating_point() and key not in constants and not key.endswith(BUFFERS)
        made[key] = value.requires_grad_(gradient)
    return made


def values(one, rng):
    """All that is known of one case."""
    _, inputs, weights, function, mode, constants, f64_only = one
    x, w = tensors(inputs, rng, constants), tensors(weights, rng, ())
    found = {f"inputs.{key}": value.detach().clone() for key, value in x.items()}
    found |= {f"weights.{key}": value.detach().clone() for key, value in w.items()}
    found |= {f"constants.{key}": torch.tensor(True) for key in sorted(constants)}
    if mode == "train":
        found["train"] = torch.tensor(True)
    if f64_only:
        found["f64"] = torch.tensor(True)
    outputs = function(x, w)
    found |= {f"outputs.{key}": value for key, value in outputs.items()}
    if mode == "train":
        found |= {f"after.{key}": value for key, value in w.items() if key.endswith(BUFFERS)}
    roots = {key: value for key, value in outputs.items() if value.requires_grad}
    if roots:
        seeds = tensors({key: normal(*value.shape) for key, value in roots.items()}, rng, roots)
        found |= {f"grad_outputs.{key}": value for key, value in seeds.items()}
        torch.autograd.backward(list(roots.values()), list(seeds.values()))
    for prefix, leaves in [("grads.", w), ("grads.input.", x)]:
        for key, value in leaves.items():
            if value.requires_grad and value.grad is not None:
                found[prefix + key] = value.grad
    return {key: value.detach().numpy() for key, value in found.items()}


def write():
    """Writes the files of all operators that have cases, and how many there are and what was left out into README.md."""
    for op, cases in CASES.items():
        rng = np.random.default_rng(zlib.crc32(op.encode()))
        arrays, models = {}, []
        for index, one in enumerate(cases):
            name = f"case_{index + 1}"
            arrays |= {f"{name}.{key}": value for key, value in values(one, rng).items()}
            body = "".join(f"  {line}\n" for line in one[0].splitlines())
            models.append(f"model {name} {{\n{body}}}\n")
        # Layers and functions may differ in capital letters alone, which not every file system tells apart.
        stem = f"{op}_layer" if op[0].isupper() else op
        np.savez_compressed(HERE / f"{stem}.npz", **arrays)
        (HERE / f"{stem}.wnet").write_text("\n".join(models))
    report(pathlib.Path(sys.argv[0]).stem)


def report(family):
    """Writes the section of a family in README.md, and prints it."""
    count = sum(len(cases) for cases in CASES.values())
    operators = "1 operator" if len(CASES) == 1 else f"{len(CASES)} operators"
    lines = [f"## {family}", "", f"{count} cases of {operators}.", ""]
    for op in sorted(op for op, reasons in LEFT_OUT.items() if reasons):
        reasons = [f"{number} {why}" for why, number in sorted(LEFT_OUT[op].items())]
        lines.append(f"- `{op}`, left out: {'; '.join(reasons)}")
    section = "\n".join(lines).rstrip() + "\n"
    readme = HERE / "README.md"
    first, *sections = readme.read_text().split("\n## ")
    others = {text.split("\n")[0]: f"## {text.rstrip()}\n" for text in sections}
    others[family] = section
    readme.write_text("\n".join([first.rstrip() + "\n", *(others[name] for name in sorted(others))]))
    print(section)
