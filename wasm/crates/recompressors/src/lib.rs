//! Compressed streams taken apart, so that a better model can have what is inside, and put back bit for bit.

mod deflate;

pub use deflate::Deflate;
