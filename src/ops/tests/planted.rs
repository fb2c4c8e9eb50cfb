//! The checker finds what is wrong, one planted fault at a time.

use super::cases::float;
use super::check::check;
use super::harness::Run;
use crate::ops::*;
use crate::shape::{Facts, TensorType};
use crate::tensor::Real;
use std::sync::Arc;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    WrongGradient,
    Overwrites,
    ReadsWhatIsNotKept,
    LeavesAnElement,
    LosesPrecision,
}

/// y = x²
#[derive(Debug)]
struct Square(Fault);

impl Op for Square {
    fn def(&self) -> &'static Def {
        named("relu").unwrap()
    }

    fn infer(&self, _: &mut Facts, inputs: &[TensorType]) -> Result<Vec<TensorType>, ShapeError> {
        Ok(inputs.to_vec())
    }

    fn keeps(&self) -> Keeps {
        if self.0 == Fault::ReadsWhatIsNotKept { Keeps::NOTHING } else { Keeps::INPUTS }
    }
}

impl<T: Real> Kernel<T> for Square {
    fn forward(&self, cx: Forward<T>) -> Result<(), DataError> {
        let (x, y) = (cx.inputs[0].floats(), cx.outputs[0].floats());
        let skipped = usize::from(self.0 == Fault::LeavesAnElement);
        let rough = if self.0 == Fault::LosesPrecision && T::NAME == "f32" { 1e-3 } else { 0.0 };
        y.iter_mut().zip(x).skip(skipped).for_each(|(y, &x)| *y = x * x + T::from_f64(rough));
        Ok(())
    }

    fn backward(&self, cx: Backward<T>) {
        let Some(out) = &mut cx.grad_inputs[0] else { return };
        let factor = T::from_f64(if self.0 == Fault::WrongGradient { 1.999 } else { 2.0 });
        for ((out, &x), &grad) in out.iter_mut().zip(cx.inputs[0].floats()).zip(cx.grad_outputs[0].floats()) {
            let before = if self.0 == Fault::Overwrites { T::zero() } else { *out };
            *out = before + factor * x * grad;
        }
    }
}

fn found(fault: Fault) -> String {
    let run = Run::draw(Arc::new(Square(fault)), &[float(&[3])], Mode::Eval, false);
    let message = check(&run).err().unwrap_or_default();
    message.split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn each_fault_is_found() {
    assert_eq!(found(Fault::None), "");
    assert_eq!(found(Fault::WrongGradient), "backward against finite differences");
    assert_eq!(found(Fault::ReadsWhatIsNotKept), "backward against finite differences");
    assert_eq!(found(Fault::Overwrites), "backward twice");
    assert_eq!(found(Fault::LeavesAnElement), "forward leaves elements unwritten");
    assert_eq!(found(Fault::LosesPrecision), "f32 against f64");
}
