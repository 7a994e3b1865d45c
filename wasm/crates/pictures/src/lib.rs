//! Pictures that others have compressed, decoded and coded better, and written again bit for bit.

mod ccitt;
mod decider;
mod jpeg;

pub use ccitt::Ccitt;
pub use jpeg::{Jpeg, JpegSeries};
