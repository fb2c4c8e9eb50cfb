//! Losses: how far results are from targets, as one number or one for each element or example.

mod class_targets;
mod cross_entropy_kernel;
mod ctc_loss_kernel;
mod element_loss;
mod element_loss_shape;

ops! {
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
