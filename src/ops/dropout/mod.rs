//! Zeros at random places during training.

mod random_mask;

ops! {
    dropout + FUNCTION
    dropout1d + FUNCTION
    dropout2d + FUNCTION
    dropout3d + FUNCTION
    alpha_dropout + FUNCTION
    feature_alpha_dropout + FUNCTION
}
