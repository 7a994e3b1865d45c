//! The toolkit of context mixing: from counted bits to a coded stream, in integers only, so that native code and
//! WebAssembly agree on every bit.
//!
//! Probabilities are of the bit being 1, in 16 bits (65536 is certainty); the logistic domain (`ln(p / (1 - p))`) has
//! 8 fractional bits. A model fills the inputs of a [`mixer::Mixer`] from [`states`], [`maps`], [`slots`] and
//! [`matching`], sharpens the result with [`apm`] and codes the bit with [`arithmetic`]. Models that
//! give a whole alphabet its shares code [`symbols`] with [`ranges`].

pub mod adaptive;
pub mod apm;
pub mod arithmetic;
pub mod counted;
pub mod counters;
pub mod histories;
pub mod logistic;
pub mod maps;
pub mod matching;
pub mod mixer;
pub mod ranges;
pub mod rans;
pub mod slots;
pub mod starts;
pub mod states;
pub mod symbols;
pub mod vector;
