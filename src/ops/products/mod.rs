//! Products: linear layers, matrices, vectors, and sums over axes that letters name.

mod contraction;
mod equation;

ops! {
    linear + FUNCTION
    bilinear + FUNCTION
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
}
