//! Activations: functions between layers, of each element or along an axis.

mod lanewise;

pub(super) use sigmoid::sigmoid;

ops! {
    relu + LAYER
    relu6 + LAYER
    leaky_relu + LAYER
    elu + LAYER
    selu + LAYER
    celu + LAYER
    gelu + LAYER
    silu + LAYER
    mish + LAYER
    sigmoid + LAYER
    logsigmoid + LAYER
    tanh + LAYER
    tanhshrink + LAYER
    hardtanh + LAYER
    hardsigmoid + LAYER
    hardswish + LAYER
    hardshrink + LAYER
    softshrink + LAYER
    softplus + LAYER
    softsign + LAYER
    threshold + LAYER
    prelu + LAYER
    rrelu
    glu + LAYER
    softmax + LAYER
    log_softmax + LAYER
    softmin + LAYER
    softmax2d
}
