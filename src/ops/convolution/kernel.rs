//! The kernels of convolutions: products with the matrix that a weight stands for.

use super::conv::{Convolution, Weight};
use crate::ops::contract::{Backward, DataError, Forward, Kernel};
use crate::shape::Dim;
use crate::tensor::convolution::{Convolution as Product, Use, add_bias_gradient};
use crate::tensor::sweep::Sweep;
use crate::tensor::{Real, View, ViewMut};
use smallvec::SmallVec;

impl Convolution {
    /// The product with the weight, given the shapes of the input, the output and the weight.
    fn product(&self, input: &[usize], output: &[usize], weight: &[usize]) -> Option<Product> {
        let leading = input.len().checked_sub(self.axes)?;
        let (image, map) = if self.is_transposed() { (output, input) } else { (input, output) };
        let kernel: SmallVec<[Dim; 3]> = weight.iter().skip(2).map(|size| Dim::from(*size)).collect();
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

impl<T: Real> Kernel<T> for Convolution {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let ([x, ..], [y]) = (cx.inputs, cx.outputs) else { return Ok(()) };
        let Some(Parameters { weight, bias }) = self.parameters(cx.inputs, cx.slots) else { return Ok(()) };
        let Some(product) = self.product(x.shape, y.shape, weight.shape) else { return Ok(()) };
        let (x, weight, bias) = (x.floats(), weight.floats(), bias.map(|bias| bias.floats()));
        let memory = cx.saved.first_mut().map_or(Default::default(), ViewMut::floats);
        if self.is_transposed() {
            product.multiply_transposed(x, weight, bias, memory, y.floats());
            (cx.finish)(0, y.floats());
        } else {
            product.multiply(x, weight, memory, Use::Write(bias), cx.finish, y.floats());
        }
        Ok(())
    }

    /// With y = W x: dx = Wᵀ g, dW = g xᵀ, and db the sums of g.
    fn backward(&self, cx: Backward<T>) {
        let of_slots = match self.weight {
            Weight::Slot { .. } => cx.fresh,
            Weight::Operand { .. } => cx.fresh.slots_from(1),
        };
        let ([x, ..], [grad]) = (cx.inputs, cx.grad_outputs) else { return };
        let Some(Parameters { weight, .. }) = self.parameters(cx.inputs, cx.slots) else { return };
        let Some(product) = self.product(x.shape, grad.shape, weight.shape) else { return };
        let (x, grad) = (x.floats(), grad.floats());
        let Some((grad_x, others)) = cx.grad_inputs.split_first_mut() else { return };
        let [grad_weight, grad_bias @ ..] = (match self.weight {
            Weight::Slot { .. } => cx.grad_slots,
            Weight::Operand { .. } => others,
        }) else {
            return;
        };
        let [memory] = cx.scratch else { return };
        let is_fresh = cx.fresh.has_input(0);
        if let Some(out) = grad_x {
            if self.is_transposed() {
                let how = if is_fresh { Use::Write(None) } else { Use::Add };
                product.multiply(grad, weight.floats(), memory.floats(), how, &|_, _| {}, out);
            } else {
                product.add_transposed(grad, weight.floats(), memory.floats(), is_fresh, out);
            }
        }
        if let Some(out) = grad_weight {
            begin(out, of_slots.has_slot(0));
            if self.is_transposed() {
                product.add_weight_gradient(x, grad, memory.floats(), out);
            } else {
                product.add_weight_gradient(grad, x, memory.floats(), out);
            }
        }
        if let [Some(out), ..] = grad_bias {
            begin(out, of_slots.has_slot(1));
            add_bias_gradient(product.batch, grad, out);
        }
    }
}

/// Makes zeros of a gradient that is fresh.
fn begin<T: Real>(grad: &mut [T], is_fresh: bool) {
    if is_fresh {
        grad.fill(T::zero());
    }
}
