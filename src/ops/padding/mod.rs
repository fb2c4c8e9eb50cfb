//! What is added at the ends of the last axes.

mod pads;

ops! {
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
}
