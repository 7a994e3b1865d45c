//! libdeflate (the C library, as it is from version 1.9 on) at its levels 0 to 12.

use core::ffi::{c_int, c_void};
use libdeflate_sys::{
    libdeflate_alloc_compressor_ex, libdeflate_deflate_compress, libdeflate_free_compressor, libdeflate_options,
};
use std::alloc::{alloc, dealloc, Layout};

/// Every allocation carries its length in front, and keeps the alignment of what follows.
const HEAD: usize = 16;

extern "C" fn allocate(size: usize) -> *mut c_void {
    let layout = size.checked_add(HEAD).and_then(|size| Layout::from_size_align(size, HEAD).ok());
    let Some(layout) = layout else { return core::ptr::null_mut() };
    // SAFETY: the layout is not empty; the length is written into memory that was just given.
    unsafe {
        let start = alloc(layout);
        if start.is_null() {
            return core::ptr::null_mut();
        }
        start.cast::<usize>().write(layout.size());
        start.add(HEAD).cast()
    }
}

extern "C" fn release(at: *mut c_void) {
    if at.is_null() {
        return;
    }
    // SAFETY: the library gives back what `allocate` gave, with its length in front.
    unsafe {
        let start = at.cast::<u8>().sub(HEAD);
        let size = start.cast::<usize>().read();
        dealloc(start, Layout::from_size_align_unchecked(size, HEAD));
    }
}

/// The deflate stream of libdeflate at a level from 0 to 12; nothing if there is no memory for it.
pub fn deflate(input: &[u8], level: u8) -> Option<Vec<u8>> {
    let options = libdeflate_options {
        sizeof_options: size_of::<libdeflate_options>(),
        malloc_func: Some(allocate),
        free_func: Some(release),
    };
    // Blocks that grow are stored instead, which takes no more than this.
    let mut output = vec![0; input.len() + 64];
    // SAFETY: the compressor is freed once, and the lengths are those of the buffers.
    let length = unsafe {
        let compressor = libdeflate_alloc_compressor_ex(level as c_int, &options);
        if compressor.is_null() {
            return None;
        }
        let (from, to) = (input.as_ptr().cast(), output.as_mut_ptr().cast());
        let length = libdeflate_deflate_compress(compressor, from, input.len(), to, output.len());
        libdeflate_free_compressor(compressor);
        length
    };
    output.truncate(length);
    (length > 0).then_some(output)
}
