//! The decisions of a point, by number: each has its own contexts and weights.

pub const FLAGS: usize = 0;
pub const MORE_FLAGS: usize = 1;
pub const TIME_SAME: usize = 2;
pub const TIME_KNOWN: usize = 3;
pub const TIME_CLASS: usize = 4;
pub const TIME_JITTER: usize = 5;
pub const TIME_MULTIPLE: usize = 6;
pub const TIME_REST: usize = 7;
pub const TIME_THREAD: usize = 8;
pub const TIME_JUMP: usize = 9;
/// Three of them, in the order in which the axes are coded.
pub const POSITION: usize = 10;
pub const CLASS: usize = 13;
pub const INTENSITY: usize = 14;
pub const ANGLE: usize = 15;
pub const USER: usize = 16;
pub const SOURCE: usize = 17;
pub const COLOUR_SAME: usize = 18;
/// Four of them.
pub const COLOUR: usize = 19;
pub const WAVE: usize = 23;
pub const EXTRA: usize = 24;
pub const FIELDS: usize = 25;
