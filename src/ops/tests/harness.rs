//! Runs an operator as a plan would. A buffer holds what can't pass for a result until it is written, and what backward
//! doesn't keep isn't there.

use crate::ops::*;
use crate::shape::{Element, Facts, TensorType};
use crate::tensor::gemm::Matrix;
use crate::tensor::random::{Key, Stream};
use crate::tensor::{Real, Slice, SliceMut, View, ViewMut, panels};
use std::sync::{Arc, Mutex};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Data<T> {
    Float(Vec<T>),
    Int(Vec<i64>),
    Bool(Vec<bool>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor<T> {
    pub(super) shape: Vec<usize>,
    pub(super) data: Data<T>,
}

impl<T: Real> Tensor<T> {
    pub(super) fn floats(shape: &[usize], data: &[T]) -> Self {
        Self { shape: shape.to_vec(), data: Data::Float(data.to_vec()) }
    }

    pub(super) fn ints(shape: &[usize], data: &[i64]) -> Self {
        Self { shape: shape.to_vec(), data: Data::Int(data.to_vec()) }
    }

    /// A buffer that nobody has written yet.
    fn unwritten(ty: &TensorType) -> Self {
        let shape: Vec<usize> = ty.shape.iter().map(|dim| dim.as_const().unwrap() as usize).collect();
        let n = shape.iter().product();
        let data = match ty.element {
            Element::Float => Data::Float(vec![T::from_f64(f64::NAN); n]),
            Element::Int => Data::Int(vec![i64::MIN; n]),
            Element::Bool => Data::Bool(vec![false; n]),
        };
        Self { shape, data }
    }

    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    fn view(&self, with_data: bool) -> View<'_, T> {
        let data = match &self.data {
            Data::Float(data) => Slice::Float(if with_data { data } else { &[] }),
            Data::Int(data) => Slice::Int(if with_data { data } else { &[] }),
            Data::Bool(data) => Slice::Bool(if with_data { data } else { &[] }),
        };
        View { shape: &self.shape, data }
    }

    fn view_mut(&mut self) -> ViewMut<'_, T> {
        let data = match &mut self.data {
            Data::Float(data) => SliceMut::Float(data),
            Data::Int(data) => SliceMut::Int(data),
            Data::Bool(data) => SliceMut::Bool(data),
        };
        ViewMut { shape: &self.shape, data }
    }

    pub(super) fn as_floats(&self) -> Option<&Vec<T>> {
        if let Data::Float(data) = &self.data { Some(data) } else { None }
    }

    pub(super) fn as_floats_mut(&mut self) -> Option<&mut Vec<T>> {
        if let Data::Float(data) = &mut self.data { Some(data) } else { None }
    }

    /// The same numbers as floats.
    pub(super) fn as_float(&self) -> Self {
        let data = match &self.data {
            Data::Float(data) => data.clone(),
            Data::Int(data) => data.iter().map(|x| T::from_f64(*x as f64)).collect(),
            Data::Bool(data) => data.iter().map(|x| T::from_f64(f64::from(u8::from(*x)))).collect(),
        };
        Self { shape: self.shape.clone(), data: Data::Float(data) }
    }

    pub(super) fn convert<U: Real>(&self) -> Tensor<U> {
        let data = match &self.data {
            Data::Float(data) => Data::Float(data.iter().map(|x| U::from_f64(x.to_f64())).collect()),
            Data::Int(data) => Data::Int(data.clone()),
            Data::Bool(data) => Data::Bool(data.clone()),
        };
        Tensor { shape: self.shape.clone(), data }
    }
}

/// An operator and all that it is run on.
#[derive(Clone, Debug)]
pub(super) struct Run<T> {
    pub(super) op: Arc<dyn Op>,
    pub(super) inputs: Vec<Tensor<T>>,
    /// Those that are params.
    pub(super) slots: Vec<Tensor<T>>,
    /// Those that are buffers, before the call.
    pub(super) buffers: Vec<Tensor<T>>,
    pub(super) mode: Mode,
}

/// What forward wrote.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Results<T> {
    pub(super) outputs: Vec<Tensor<T>>,
    pub(super) saved: Vec<Tensor<T>>,
    pub(super) buffers: Vec<Tensor<T>>,
}

/// Of the inputs, then of the slots; nothing for what isn't a float, and what no gradient reaches.
pub(super) type Gradients<T> = Vec<Option<Vec<T>>>;

/// Not an attribute: how many names the results of a call get.
pub(super) const RESULTS: &str = "results";

/// An operator with defaults for what isn't given, called with the first of its operands.
pub(super) fn build(
    def: &'static Def,
    given: &[(&str, Value)],
    operands: usize,
) -> Result<Arc<dyn Op>, AttributeError> {
    let ty = |parameters: &[Parameter], name: &str| {
        parameters.iter().find(|parameter| parameter.name == name).and_then(|parameter| match parameter.kind {
            ParameterKind::Attribute { ty, .. } => Some(ty),
            _ => None,
        })
    };
    let results = given.iter().find(|(name, _)| *name == RESULTS).and_then(|(_, value)| value.as_int());
    let results = results.map(|results| results as usize);
    for (name, _) in given.iter().filter(|(name, _)| *name != RESULTS) {
        assert!(ty(def.parameters, name).or(ty(def.call(), name)).is_some(), "{} has no {name}", def.name);
    }
    let complete = |parameters: &'static [Parameter]| {
        let value = |name: &str| {
            let (_, value) = given.iter().find(|(other, _)| *other == name)?;
            Some(if *value == Value::None {
                Value::None
            } else {
                value.cast(ty(parameters, name)?).expect("of its type")
            })
        };
        Attributes::complete(parameters, value).expect("nothing missing")
    };
    let names = def.call().iter().filter(|parameter| !parameter.is_attribute()).map(|parameter| parameter.name);
    let last = names.clone().next_back().unwrap_or_default();
    let names: Vec<&str> = names.chain(std::iter::repeat(last)).take(operands).collect();
    if !def.is_layer() {
        return (def.build)(&complete(def.parameters).at_call(names, results));
    }
    let op = (def.build)(&complete(def.parameters))?;
    Ok(op.at_call(&complete(def.call()).at_call(names, results))?.unwrap_or(op))
}

impl Run<f64> {
    /// With numbers drawn for inputs and slots: floats are normal or, if `positive`, at least 0.5.
    pub(super) fn draw(op: Arc<dyn Op>, types: &[TensorType], mode: Mode, positive: bool) -> Self {
        let mut random = Stream::new(1, op.def().name);
        let mut draw = |ty: &TensorType, bound: Option<i64>| {
            let mut tensor = Tensor::<f64>::unwritten(ty);
            match &mut tensor.data {
                Data::Float(data) => data.iter_mut().for_each(|x| {
                    *x = random.normal();
                    *x = if positive { x.abs() + 0.5 } else { *x };
                }),
                Data::Int(data) => data.iter_mut().for_each(|x| {
                    let below = random.below(bound.unwrap_or(5) as u64) as i64;
                    *x = if bound.is_some() { below } else { below + 1 };
                }),
                Data::Bool(data) => data.iter_mut().for_each(|x| *x = random.below(2) == 1),
            }
            tensor
        };
        let bound = |operand: usize| op.index_bound(operand, types).and_then(|dim| dim.as_const());
        let inputs = types.iter().enumerate().map(|(operand, ty)| draw(ty, bound(operand))).collect();
        let mut slots = |kind: SlotKind| -> Vec<Tensor<f64>> {
            let slots = op.slots().into_iter().filter(|slot| slot.kind == kind);
            slots.map(|slot| draw(&TensorType::float(slot.shape), None)).collect()
        };
        let (params, mut buffers) = (slots(SlotKind::Param), slots(SlotKind::Buffer));
        // Running statistics include variances.
        for buffer in &mut buffers {
            buffer.as_floats_mut().unwrap().iter_mut().for_each(|x| *x = x.abs() + 0.5);
        }
        Self { op, inputs, slots: params, buffers, mode }
    }

    pub(super) fn to_f32(&self) -> Run<f32> {
        Run {
            op: self.op.clone(),
            inputs: self.inputs.iter().map(Tensor::convert).collect(),
            slots: self.slots.iter().map(Tensor::convert).collect(),
            buffers: self.buffers.iter().map(Tensor::convert).collect(),
            mode: self.mode,
        }
    }
}

impl<T: Real> Run<T> {
    pub(super) fn types(&self) -> Vec<TensorType> {
        let element = |data: &Data<T>| match data {
            Data::Float(_) => Element::Float,
            Data::Int(_) => Element::Int,
            Data::Bool(_) => Element::Bool,
        };
        let shape = |shape: &[usize]| shape.iter().copied().collect::<crate::shape::Shape>();
        self.inputs.iter().map(|input| TensorType::new(element(&input.data), shape(&input.shape))).collect()
    }

    pub(super) fn forward(&self) -> Result<Results<T>, DataError>
    where
        dyn Op: Kernel<T>,
    {
        self.forward_with(Key { seed: 3, name: "call", index: 0 })
    }

    /// With random numbers of this stream.
    pub(super) fn forward_with(&self, random: Key<'_>) -> Result<Results<T>, DataError>
    where
        dyn Op: Kernel<T>,
    {
        self.forward_by(random, None, false)
    }

    /// The matrix that the operator can take in panels.
    pub(super) fn panels(&self, pass: Pass) -> Option<Vec<T>> {
        let factor = self.op.factor(pass)?;
        let matrix = match factor.of {
            FactorOf::Input(index) => &self.inputs[index],
            FactorOf::Slot(index) => &self.slots[index],
        };
        let mut panels = vec![T::from_f64(f64::NAN); factor.panels(&matrix.shape)?];
        let stored = Matrix::new(matrix.as_floats()?, matrix.shape[0], matrix.shape[1]);
        panels::pack(if factor.transposed { stored.t() } else { stored }, &mut panels);
        Some(panels)
    }

    /// With the matrix of `Op::factor` in panels, and without what is saved if the operator can spare it.
    pub(super) fn forward_by(
        &self,
        random: Key<'_>,
        panels: Option<&[T]>,
        spares: bool,
    ) -> Result<Results<T>, DataError>
    where
        dyn Op: Kernel<T>,
    {
        let types = self.types();
        let output_types = self.op.infer(&mut Facts::new(), &types).unwrap();
        let saved_types = self.op.saved(&types, &output_types);
        let mut outputs: Vec<Tensor<T>> = output_types.iter().map(Tensor::unwritten).collect();
        let mut saved: Vec<Tensor<T>> = saved_types.iter().map(Tensor::unwritten).collect();
        let mut buffers = self.buffers.clone();
        let finished = Mutex::new(Vec::new());
        let view = |tensor| {
            if spares { ViewMut { shape: &[], data: SliceMut::Float(&mut []) } } else { Tensor::view_mut(tensor) }
        };
        let cx = Forward {
            inputs: &self.inputs.iter().map(|tensor| tensor.view(true)).collect::<Vec<_>>(),
            slots: &self.slots.iter().map(|tensor| tensor.view(true)).collect::<Vec<_>>(),
            outputs: &mut outputs.iter_mut().map(Tensor::view_mut).collect::<Vec<_>>(),
            saved: &mut saved.iter_mut().map(view).collect::<Vec<_>>(),
            buffers: &mut buffers.iter_mut().map(Tensor::view_mut).collect::<Vec<_>>(),
            panels,
            finish: &|at, piece| finished.lock().unwrap().extend(at..at + piece.len()),
            mode: self.mode,
            random,
        };
        Kernel::<T>::forward(&*self.op, cx)?;
        let mut finished = finished.into_inner().unwrap();
        finished.sort_unstable();
        let all = 0..if self.op.finishes() { outputs[0].len() } else { 0 };
        assert!(finished.into_iter().eq(all), "each element is finished once");
        Ok(Results { outputs, saved, buffers })
    }

    /// Adds to `gradients`.
    pub(super) fn backward(&self, results: &Results<T>, grad_outputs: &[Vec<T>], gradients: &mut Gradients<T>)
    where
        dyn Op: Kernel<T>,
    {
        self.backward_by(results, grad_outputs, Grads::NONE, None, gradients);
    }

    /// Adds to `gradients`, and writes those that are fresh.
    pub(super) fn backward_by(
        &self,
        results: &Results<T>,
        grad_outputs: &[Vec<T>],
        fresh: Grads,
        panels: Option<&[T]>,
        gradients: &mut Gradients<T>,
    ) where
        dyn Op: Kernel<T>,
    {
        let keeps = self.op.keeps();
        let inputs: Vec<_> =
            self.inputs.iter().enumerate().map(|(index, tensor)| tensor.view(keeps.has_input(index))).collect();
        let grads: Vec<_> = results.outputs.iter().zip(grad_outputs).collect();
        let grads: Vec<_> =
            grads.iter().map(|(output, grad)| View { shape: &output.shape, data: Slice::Float(grad) }).collect();
        let (grad_inputs, grad_slots) = gradients.split_at_mut(self.inputs.len());
        let types = self.types();
        let scratch = self.op.scratch(&types, &self.op.infer(&mut Facts::new(), &types).unwrap());
        let mut scratch: Vec<Tensor<T>> = scratch.iter().map(Tensor::unwritten).collect();
        let saved = results.saved.len() - self.op.n_working();
        let cx = Backward {
            inputs: &inputs,
            slots: &self.slots.iter().map(|tensor| tensor.view(true)).collect::<Vec<_>>(),
            outputs: &results.outputs.iter().map(|tensor| tensor.view(keeps.outputs)).collect::<Vec<_>>(),
            saved: &results.saved.iter().enumerate().map(|(at, tensor)| tensor.view(at < saved)).collect::<Vec<_>>(),
            buffers: &results.buffers.iter().map(|tensor| tensor.view(true)).collect::<Vec<_>>(),
            grad_outputs: &grads,
            grad_inputs: &mut grad_inputs.iter_mut().map(|grad| grad.as_deref_mut()).collect::<Vec<_>>(),
            grad_slots: &mut grad_slots.iter_mut().map(|grad| grad.as_deref_mut()).collect::<Vec<_>>(),
            fresh,
            scratch: &mut scratch.iter_mut().map(Tensor::view_mut).collect::<Vec<_>>(),
            panels,
            mode: self.mode,
        };
        Kernel::<T>::backward(&*self.op, cx);
    }

    pub(super) fn zero_gradients(&self) -> Gradients<T> {
        let zeros = |tensor: &Tensor<T>| tensor.as_floats().map(|data| vec![T::zero(); data.len()]);
        let inputs = self.inputs.iter().enumerate();
        let inputs = inputs.map(|(index, input)| zeros(input).filter(|_| self.op.passes_gradient(index)));
        inputs.chain(self.slots.iter().map(zeros)).collect()
    }

    /// Numbers to start backward from, the same for both float types.
    pub(super) fn grad_outputs(results: &Results<T>) -> Vec<Vec<T>> {
        let mut random = Stream::new(2, "grad");
        let mut draw = |tensor: &Tensor<T>| match tensor.data {
            Data::Float(_) => (0..tensor.len()).map(|_| T::from_f64(f64::from(random.normal() as f32))).collect(),
            _ => Vec::new(),
        };
        results.outputs.iter().map(&mut draw).collect()
    }
}
