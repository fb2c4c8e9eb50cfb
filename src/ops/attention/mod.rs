//! Attention: values weighted by how well their keys fit a query.

mod heads;
mod multihead_attention_kernel;
mod multihead_attention_rule;
mod rule;

ops! {
    multihead_attention
    scaled_dot_product_attention
}
