//! The door between a WebAssembly module of models and its host: buffers in, buffers out.
//!
//! The host allocates with `alloc`, writes, calls `encode` or `decode`, and on status 0 reads `output_length` bytes
//! at `output`. Any other status is a [`Fault`]. A module imports nothing and knows neither clock nor randomness, so
//! the same call gives the same bytes everywhere. `docs/format/models.md` says what each model's payload is.

use std::alloc::{alloc as allocate, dealloc, Layout};

/// Why a call gave nothing. The numbers are the status codes that the host sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Fault {
    /// The module has no model of this number.
    UnknownModel = 1,
    /// The payload or the parameters are not what an encoder writes.
    Damaged = 2,
    /// The model cannot take such input (too long, not of its kind).
    Unsupported = 3,
}

/// How hard to try: the parameter of models that can be slow or large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Fast = 0,
    Balanced = 1,
    Max = 2,
}

impl Level {
    pub fn of(number: u8) -> Option<Self> {
        [Level::Fast, Level::Balanced, Level::Max].get(number as usize).copied()
    }
}

/// A pair of pure functions. `decode(encode(x)) == x`, and `decode` takes any bytes without panicking.
pub trait Model {
    fn encode(input: &[u8], params: &[u8]) -> Result<Vec<u8>, Fault>;
    /// Gives exactly `length` bytes or a fault; allocates a small multiple of `length` at most.
    fn decode(payload: &[u8], params: &[u8], length: usize) -> Result<Vec<u8>, Fault>;
}

/// Room for `length` bytes, or null.
pub fn alloc(length: usize) -> *mut u8 {
    match layout(length) {
        // SAFETY: the layout is never of size 0.
        Some(layout) => unsafe { allocate(layout) },
        None => core::ptr::null_mut(),
    }
}

/// # Safety
/// `at` must come from [`alloc`] of the same `length`, and not have been freed.
pub unsafe fn free(at: *mut u8, length: usize) {
    if let Some(layout) = layout(length) {
        dealloc(at, layout);
    }
}

fn layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length.max(1), 16).ok()
}

/// Writes the six functions of the ABI for the models of a module, by number.
///
/// `abi::export_models! { 1 => general::General, 2 => columns::Columns }`
#[macro_export]
macro_rules! export_models {
    ($($number:literal => $model:ty),+ $(,)?) => {
        mod exports {
            use super::*;
            use core::ptr::{addr_of, addr_of_mut};
            use $crate::{Fault, Model};

            static mut OUTPUT: Vec<u8> = Vec::new();

            #[no_mangle]
            pub extern "C" fn alloc(length: usize) -> *mut u8 {
                $crate::alloc(length)
            }

            /// # Safety
            /// As [`abi::free`].
            #[no_mangle]
            pub unsafe extern "C" fn free(at: *mut u8, length: usize) {
                $crate::free(at, length)
            }

            #[no_mangle]
            pub extern "C" fn output() -> *const u8 {
                // SAFETY: a module has one thread.
                unsafe { (*addr_of!(OUTPUT)).as_ptr() }
            }

            #[no_mangle]
            pub extern "C" fn output_length() -> usize {
                // SAFETY: a module has one thread.
                unsafe { (*addr_of!(OUTPUT)).len() }
            }

            /// # Safety
            /// Both ranges must lie in memory that [`alloc`] gave.
            #[no_mangle]
            pub unsafe extern "C" fn encode(
                model: u32,
                input: *const u8,
                input_length: usize,
                params: *const u8,
                params_length: usize,
            ) -> i32 {
                let input = core::slice::from_raw_parts(input, input_length);
                let params = core::slice::from_raw_parts(params, params_length);
                keep(match model {
                    $($number => <$model as Model>::encode(input, params),)+
                    _ => Err(Fault::UnknownModel),
                })
            }

            /// # Safety
            /// Both ranges must lie in memory that [`alloc`] gave.
            #[no_mangle]
            pub unsafe extern "C" fn decode(
                model: u32,
                payload: *const u8,
                payload_length: usize,
                params: *const u8,
                params_length: usize,
                length: usize,
            ) -> i32 {
                let payload = core::slice::from_raw_parts(payload, payload_length);
                let params = core::slice::from_raw_parts(params, params_length);
                keep(match model {
                    $($number => <$model as Model>::decode(payload, params, length),)+
                    _ => Err(Fault::UnknownModel),
                })
            }

            fn keep(result: Result<Vec<u8>, Fault>) -> i32 {
                let (bytes, status) = match result {
                    Ok(bytes) => (bytes, 0),
                    Err(fault) => (Vec::new(), fault as i32),
                };
                // SAFETY: a module has one thread.
                unsafe { *addr_of_mut!(OUTPUT) = bytes };
                status
            }
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn memory_can_be_had_and_given_back() {
        for length in [0, 1, 1 << 20] {
            let at = crate::alloc(length);
            assert!(!at.is_null());
            // SAFETY: just allocated.
            unsafe { crate::free(at, length) };
        }
    }
}
