//! The operators: a contract, and one file for each layer, function and loss that holds all that is known of it. The
//! list below is the registry; nothing outside this folder names an operator.

mod attention_heads;
mod attention_rule;
mod axis;
mod binary;
mod channel_norm;
mod channel_norm_kernel;
mod channel_norm_loops;
mod choice;
mod class_targets;
mod compare;
mod contract;
mod convolution;
mod convolution_kernel;
mod convolution_shape;
mod cross_entropy_kernel;
mod ctc_loss_kernel;
mod cumulative;
mod definition;
mod element_loss;
mod element_loss_shape;
mod embedding_bag_kernel;
mod equation;
mod error;
mod extreme;
mod factor;
mod filling;
mod functional;
mod indexing;
pub mod init;
mod init_fill;
mod interpolation;
mod lanewise;
mod lookup;
mod movement;
mod multihead_attention_kernel;
mod multihead_attention_rule;
mod p_norm;
mod padding;
mod patches;
mod picking;
mod pixels;
mod pointwise;
mod pooling;
mod predicate;
mod products;
mod quantifier;
mod random_mask;
mod range;
mod recurrent;
mod reduction;
mod reshaping;
mod row_norm;
mod series;
mod shape_rules;
mod ternary;
#[cfg(test)]
mod tests;
mod triangle;
mod unpooling;
mod value;
mod variance;
mod vector_pairs;
mod windows;

pub use contract::{
    Backward, Def, Factor, FactorOf, Follow, Form, Forward, Grads, Keeps, Kernel, Literal, Mode, Op, Parameter,
    ParameterKind, Pass, Type,
};
pub use contract::{DataError, HangsOn, SlotKind, SlotSpec};
pub use error::{AttributeError, Cause, ShapeError, ShapeErrorKind};
pub use init::Init;
pub use lookup::{infix, loss_of_class, named, prefix, subscript};
pub use value::{Attributes, Value};

/// Declares the modules and the registry entries. Each file has a `DEF`, and those named after a `+`: the layer that a
/// function is too, the function that a symbol is too.
macro_rules! ops {
    ($($module:ident $(+ $more:ident)*)*) => {
        $(mod $module;)*

        /// Every operator, in the order of the list.
        pub static REGISTRY: &[&Def] = &[$(&$module::DEF, $(&$module::$more,)*)*];
    };
}

ops! {
    linear + FUNCTION
    bilinear + FUNCTION
    embedding + FUNCTION
    embedding_bag + FUNCTION
    layer_norm + FUNCTION
    rms_norm + FUNCTION
    batch_norm1d
    batch_norm2d
    batch_norm3d
    batch_norm
    group_norm + FUNCTION
    instance_norm1d
    instance_norm2d
    instance_norm3d
    instance_norm
    local_response_norm + LAYER
    normalize
    cosine_similarity + LAYER
    pairwise_distance + LAYER
    cdist
    dropout + FUNCTION
    dropout1d + FUNCTION
    dropout2d + FUNCTION
    dropout3d + FUNCTION
    alpha_dropout + FUNCTION
    feature_alpha_dropout + FUNCTION
    identity
    rnn
    lstm
    gru
    rnn_cell
    lstm_cell
    gru_cell
    multihead_attention
    scaled_dot_product_attention
    flatten + FUNCTION
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
    exp
    expm1
    exp2
    log
    log1p
    log2
    log10
    sqrt
    rsqrt
    square
    reciprocal
    abs
    sign
    floor
    ceil
    round
    trunc
    frac
    logit
    nan_to_num
    sin
    cos
    tan
    asin
    acos
    atan
    sinh
    cosh
    asinh
    acosh
    atanh
    erf
    erfc
    add + FUNCTION
    sub + FUNCTION
    mul + FUNCTION
    div + FUNCTION
    floor_div + FUNCTION
    remainder + FUNCTION
    pow + FUNCTION
    neg + FUNCTION
    fmod
    maximum
    minimum
    atan2
    hypot
    logaddexp
    xlogy
    equal + FUNCTION
    not_equal + FUNCTION
    less + FUNCTION
    less_equal + FUNCTION
    greater + FUNCTION
    greater_equal + FUNCTION
    logical_and + FUNCTION
    logical_or + FUNCTION
    logical_xor
    not + FUNCTION
    isnan
    isinf
    isfinite
    r#where
    clamp
    lerp
    addcmul
    addcdiv
    conv1d + FUNCTION
    conv2d + FUNCTION
    conv3d + FUNCTION
    conv_transpose1d + FUNCTION
    conv_transpose2d + FUNCTION
    conv_transpose3d + FUNCTION
    max_pool1d + FUNCTION
    max_pool2d + FUNCTION
    max_pool3d + FUNCTION
    max_unpool1d + FUNCTION
    max_unpool2d + FUNCTION
    max_unpool3d + FUNCTION
    avg_pool1d + FUNCTION
    avg_pool2d + FUNCTION
    avg_pool3d + FUNCTION
    adaptive_max_pool1d + FUNCTION
    adaptive_max_pool2d + FUNCTION
    adaptive_max_pool3d + FUNCTION
    adaptive_avg_pool1d + FUNCTION
    adaptive_avg_pool2d + FUNCTION
    adaptive_avg_pool3d + FUNCTION
    zero_pad1d
    zero_pad2d
    zero_pad3d
    constant_pad1d
    constant_pad2d
    constant_pad3d
    reflection_pad1d
    reflection_pad2d
    reflection_pad3d
    replication_pad1d
    replication_pad2d
    replication_pad3d
    circular_pad1d
    circular_pad2d
    circular_pad3d
    pad
    upsample
    upsampling_nearest2d
    upsampling_bilinear2d
    interpolate
    pixel_shuffle + FUNCTION
    pixel_unshuffle + FUNCTION
    channel_shuffle + FUNCTION
    unfold + FUNCTION
    fold + FUNCTION
    unflatten + FUNCTION
    matmul
    mm
    bmm
    mv
    dot
    outer
    inner
    tensordot
    addmm
    baddbmm
    cross
    einsum
    reshape
    view
    reshape_as
    view_as
    squeeze
    unsqueeze
    transpose
    t
    permute
    movedim
    expand
    broadcast_to
    expand_as
    repeat
    tile
    repeat_interleave
    cat
    concat
    stack
    split
    chunk
    unbind
    index
    narrow
    select
    diagonal
    diag
    tril
    triu
    roll
    flip
    gather
    take_along_dim
    index_select
    scatter
    scatter_add
    index_add
    masked_fill
    one_hot
    clone
    contiguous
    detach
    to
    zeros
    ones
    full
    zeros_like
    ones_like
    full_like
    eye
    arange
    linspace
    meshgrid
    rand
    randn
    rand_like
    randn_like
    sinusoidal_positions
    rotary
    sum
    mean
    prod
    var
    standard_deviation
    var_mean
    std_mean
    norm
    logsumexp
    amax
    amin
    max
    min
    argmax
    argmin
    any
    all
    cumsum
    cumprod
    sort
    argsort
    topk
    kthvalue
    median
    mse_loss
    l1_loss
    smooth_l1_loss
    huber_loss
    cross_entropy
    nll_loss
    multi_margin_loss
    multilabel_margin_loss
    cosine_embedding_loss
    triplet_margin_loss
    binary_cross_entropy
    binary_cross_entropy_with_logits
    multilabel_soft_margin_loss
    soft_margin_loss
    hinge_embedding_loss
    margin_ranking_loss
    kl_div
    poisson_nll_loss
    gaussian_nll_loss
    ctc_loss
}
