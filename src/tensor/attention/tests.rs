//! A head against the formula, one query after another.

use super::*;

fn numbers<T: Real>(len: usize, seed: usize) -> Vec<T> {
    (0..len).map(|at| T::from_f64((((at + seed) * 37 % 101) as f64 - 50.0) / 40.0)).collect()
}

fn close<T: Real>(found: T, wanted: f64) {
    let error = (found.to_f64() - wanted).abs();
    assert!(error <= 200.0 * T::EPSILON.to_f64() * wanted.abs().max(1.0), "{found} is not {wanted}");
}

/// What a test says of a head.
#[derive(Clone, Copy)]
struct Sizes {
    queries: usize,
    keys: usize,
    width: usize,
    value_width: usize,
    is_causal: bool,
    is_masked: bool,
}

/// Rows stand three elements further apart than they are wide, and begin with the second element.
fn rows<T>(data: &[T], width: usize) -> Rows<'_, T> {
    Rows { data: data.get(1..).unwrap_or(&[]), stride: width + 3 }
}

fn rows_mut<T>(data: &mut [T], width: usize) -> RowsMut<'_, T> {
    RowsMut { data: data.get_mut(1..).unwrap_or_default(), stride: width + 3 }
}

fn space(rows: usize, width: usize) -> usize {
    1 + rows * (width + 3)
}

fn at<T: Real>(data: &[T], width: usize, row: usize, column: usize) -> f64 {
    data[1 + row * (width + 3) + column].to_f64()
}

fn check<T: Real>(sizes: Sizes) {
    let Sizes { queries: n, keys: m, width, value_width, is_causal, is_masked } = sizes;
    let (q, k) = (numbers::<T>(space(n, width), 1), numbers::<T>(space(m, width), 2));
    let (v, mask) = (numbers::<T>(space(m, value_width), 3), numbers::<T>(n * m + 1, 5));
    let place = Place { start: 1, query: m, key: 1 };
    let head = Head {
        n_queries: n,
        n_keys: m,
        width,
        value_width,
        queries: rows(&q, width),
        keys: rows(&k, width),
        values: rows(&v, value_width),
        scale: 0.7,
        masks: [is_masked.then_some(Mask { masking: Masking::Add(&mask), place }), None],
        is_causal,
        empty_is_zero: true,
    };
    let mut work = vec![T::zero(); 2 * BLOCK * m];
    let (mut greatest, mut sum) = (vec![T::zero(); n], vec![T::zero(); n]);
    let mut out = vec![T::one(); space(n, value_width)];
    let kept = Kept { greatest: &mut *greatest, sum: &mut *sum };
    head.forward(&mut work[..BLOCK * m], kept, None, None, rows_mut(&mut out, value_width));
    let grad = numbers::<T>(space(n, value_width), 4);
    let mut grads = [vec![T::one(); q.len()], vec![T::one(); k.len()], vec![T::one(); v.len()]];
    let mut of_mask = vec![T::one(); mask.len()];
    let [of_q, of_k, of_v] = &mut grads;
    let mut wanted = Gradients {
        queries: Some(rows_mut(of_q, width)),
        keys: Some(rows_mut(of_k, width)),
        values: Some(rows_mut(of_v, value_width)),
        masks: [is_masked.then_some(&mut *of_mask), None],
    };
    let kept = Kept { greatest: &*greatest, sum: &*sum };
    head.backward(&mut work, kept, None, None, rows(&grad, value_width), &mut wanted);

    let mut expected = [vec![1.0; n * width], vec![1.0; m * width], vec![1.0; m * value_width]];
    for query in 0..n {
        let seen = if is_causal { m.min(query + 1) } else { m };
        let score = |key: usize| {
            let product: f64 = (0..width).map(|e| at(&q, width, query, e) * at(&k, width, key, e)).sum();
            0.7 * product + if is_masked { mask[1 + query * m + key].to_f64() } else { 0.0 }
        };
        let exponentials: Vec<f64> = (0..seen).map(|key| score(key).exp()).collect();
        let total: f64 = exponentials.iter().sum();
        let weight = |key: usize| exponentials[key] / total;
        let value = |key: usize, e: usize| at(&v, value_width, key, e);
        for e in 0..value_width {
            let mean: f64 = (0..seen).map(|key| weight(key) * value(key, e)).sum();
            close(out[1 + query * (value_width + 3) + e], 1.0 + mean);
        }
        let of_weight: Vec<f64> = (0..seen)
            .map(|key| (0..value_width).map(|e| at(&grad, value_width, query, e) * value(key, e)).sum())
            .collect();
        let mean: f64 = (0..seen).map(|key| weight(key) * of_weight[key]).sum();
        for key in 0..seen {
            let of_score = weight(key) * (of_weight[key] - mean);
            for e in 0..width {
                expected[0][query * width + e] += 0.7 * of_score * at(&k, width, key, e);
                expected[1][key * width + e] += 0.7 * of_score * at(&q, width, query, e);
            }
            for e in 0..value_width {
                expected[2][key * value_width + e] += weight(key) * at(&grad, value_width, query, e);
            }
            if is_masked {
                close(of_mask[1 + query * m + key], 1.0 + of_score);
            }
        }
    }
    for ((found, expected), (count, width)) in
        grads.iter().zip(&expected).zip([(n, width), (m, width), (m, value_width)])
    {
        for row in 0..count {
            for e in 0..width {
                close(found[1 + row * (width + 3) + e], expected[row * width + e]);
            }
        }
    }
}

#[test]
fn heads_are_what_the_formula_says() {
    for (queries, keys, width, value_width) in
        [(0, 3, 2, 2), (1, 1, 1, 1), (3, 5, 2, 4), (65, 70, 5, 3), (70, 33, 16, 17), (130, 130, 8, 8)]
    {
        for which in 0..4 {
            let (is_causal, is_masked) = (which & 1 == 1, which & 2 == 2);
            let sizes = Sizes { queries, keys, width, value_width, is_causal, is_masked };
            check::<f32>(sizes);
            check::<f64>(sizes);
        }
    }
}

#[test]
fn without_keys_nothing_is_added() {
    let head = Head {
        n_queries: 2,
        n_keys: 0,
        width: 1,
        value_width: 1,
        queries: Rows { data: &[1.0f32, 2.0], stride: 1 },
        keys: Rows { data: &[], stride: 1 },
        values: Rows { data: &[], stride: 1 },
        scale: 1.0,
        masks: [None, None],
        is_causal: false,
        empty_is_zero: true,
    };
    let (mut greatest, mut sum, mut out) = ([0.0; 2], [0.0; 2], [5.0; 2]);
    let kept = Kept { greatest: &mut greatest[..], sum: &mut sum[..] };
    head.forward(&mut [], kept, None, None, RowsMut { data: &mut out, stride: 1 });
    assert_eq!((out, sum), ([5.0; 2], [1.0; 2]));
}
