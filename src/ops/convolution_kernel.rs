//! The kernels of convolutions: products with the matrix that a weight stands for.

#![allow(clippy::indexing_slicing, reason = "rows are counted from the sizes of the tensors")]

use super::contract::{Backward, DataError, Forward, Kernel};
use super::convolution::{Convolution, Weight};
use crate::shape::Dim;
use crate::tensor::convolution::Convolution as Product;
use crate::tensor::sweep::Sweep;
use crate::tensor::{Real, View, reduce};

impl Convolution {
    /// The product with the weight, given the shapes of the input, the output and the weight.
    fn product(&self, input: &[usize], output: &[usize], weight: &[usize]) -> Option<Product> {
        let leading = input.len().checked_sub(self.axes)?;
        let (image, map) = if self.is_transposed() { (output, input) } else { (input, output) };
        let kernel: Vec<Dim> = weight.iter().skip(2).map(|size| Dim::from(*size)).collect();
        let mut axes = [Sweep::SINGLE; 3];
        for (index, window) in self.windows(&kernel).iter().enumerate() {
            let (image, map) = (*image.get(leading + index)?, *map.get(leading + index)?);
            *axes.get_mut(3 - self.axes + index)? = window.sweep(image, map, self.border)?;
        }
        Some(Product {
            axes,
            batch: if leading == 2 { *input.first()? } else { 1 },
            image_channels: *image.get(leading - 1)?,
            map_channels: *map.get(leading - 1)?,
            groups: usize::try_from(self.groups.as_const()?).ok()?,
        })
    }

    /// The weight and the bias.
    fn parameters<'a, T: Real>(&self, inputs: &[View<'a, T>], slots: &[View<'a, T>]) -> Option<Parameters<'a, T>> {
        let all = match self.weight {
            Weight::Slot { .. } => slots,
            Weight::Operand { .. } => inputs.get(1..)?,
        };
        Some(Parameters { weight: *all.first()?, bias: all.get(1).copied() })
    }
}

struct Parameters<'a, T> {
    weight: View<'a, T>,
    bias: Option<View<'a, T>>,
}

/// How many channels there are in all images together, and how many elements each has.
fn channels(shape: &[usize], axes: usize) -> (usize, usize) {
    let leading = shape.len().saturating_sub(axes);
    (shape.iter().take(leading).product(), shape.iter().skip(leading).product())
}

impl<T: Real> Kernel<T> for Convolution {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, ..], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(Parameters { weight, bias }) = self.parameters(cx.inputs, cx.slots) else { return Ok(()) };
        let Some(product) = self.product(x.shape, y.shape, weight.shape) else { return Ok(()) };
        let (_, size) = channels(y.shape, self.axes);
        let y = y.floats();
        match bias.map(|bias| bias.floats()) {
            Some(bias) if size > 0 => {
                y.chunks_exact_mut(size).zip(bias.iter().cycle()).for_each(|(y, &bias)| y.fill(bias));
            }
            _ => y.fill(T::zero()),
        }
        if self.is_transposed() {
            product.multiply_transposed(x.floats(), weight.floats(), y);
        } else {
            product.multiply(x.floats(), weight.floats(), y);
        }
        Ok(())
    }

    /// With y = W x: dx = Wᵀ g, dW = g xᵀ, and db the sums of g.
    fn backward(&self, cx: Backward<T>) {
        let ([x, ..], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let Some(Parameters { weight, .. }) = self.parameters(cx.inputs, cx.slots) else { return };
        let Some(product) = self.product(x.shape, grad.shape, weight.shape) else { return };
        let (x, shape, grad) = (x.floats(), grad.shape, grad.floats());
        let Some((grad_x, others)) = cx.grad_inputs.split_first_mut() else { return };
        let [grad_weight, grad_bias @ ..] = (match self.weight {
            Weight::Slot { .. } => cx.grad_slots,
            Weight::Operand { .. } => others,
        }) else {
            return;
        };
        if let Some(out) = grad_x {
            if self.is_transposed() {
                product.multiply(grad, weight.floats(), out);
            } else {
                product.multiply_transposed(grad, weight.floats(), out);
            }
        }
        if let Some(out) = grad_weight {
            if self.is_transposed() {
                product.add_weight_gradient(x, grad, out);
            } else {
                product.add_weight_gradient(grad, x, out);
            }
        }
        if let [Some(out), ..] = grad_bias {
            let ((rows, size), n) = (channels(shape, self.axes), out.len());
            for (channel, out) in out.iter_mut().enumerate() {
                let sum = |row: usize| reduce::sum(size, |index| grad[row * size + index].to_f64());
                *out += T::from_f64((channel..rows).step_by(n).map(sum).sum());
            }
        }
    }
}
