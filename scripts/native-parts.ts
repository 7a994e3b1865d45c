interface NativePart {
  readonly name: string;
  readonly license: string;
  /** What it does here, a sentence. */
  readonly use: string;
  /** Where its source is, a sentence. */
  readonly source: string;
}

/** Machine code that packages bring along, with licences of its own that the packages' files do not show. */
export const NATIVE_PARTS: readonly NativePart[] = [
  {
    name: "Bun 1.4.5",
    license: "MIT; contains JavaScriptCore and WebKit parts under LGPL-2.1 and BSD-2-Clause",
    use: "The runtime that the executable is built on.",
    source: "Source and its own notices: https://github.com/oven-sh/bun.",
  },
  {
    name: "Bare runtime 1.33.4",
    license: "Apache-2.0; contains V8 under BSD-3-Clause and libuv under MIT",
    use: "Runs the video engine as a process of its own.",
    source: "Source: https://github.com/holepunchto/bare.",
  },
  {
    name: "FFmpeg 8.1, inside bare-ffmpeg 1.5.0",
    license: "LGPL-2.1-or-later",
    use: "Reads, scales and writes videos. It is a separate library file, `bare-ffmpeg.bare`, in the folder `cache` of the data directory, and may be replaced there by one built from changed sources.",
    source: "Source and build: https://github.com/holepunchto/bare-ffmpeg and https://ffmpeg.org.",
  },
  {
    name: "SVT-AV1 2.3.0, inside bare-ffmpeg",
    license: "BSD-3-Clause-Clear and the Alliance for Open Media Patent License 1.0",
    use: "Encodes AV1.",
    source: "Source: https://gitlab.com/AOMediaCodec/SVT-AV1.",
  },
  {
    name: "dav1d, inside bare-ffmpeg",
    license: "BSD-2-Clause",
    use: "Decodes AV1.",
    source: "Source: https://code.videolan.org/videolan/dav1d.",
  },
  {
    name: "libvpx, inside bare-ffmpeg",
    license: "BSD-3-Clause",
    use: "Encodes and decodes VP8 and VP9.",
    source: "Source: https://chromium.googlesource.com/webm/libvpx.",
  },
  {
    name: "libopus, inside bare-ffmpeg and libopus-wasm",
    license: "BSD-3-Clause",
    use: "Encodes and decodes Opus.",
    source: "Source: https://opus-codec.org.",
  },
  {
    name: "libva, beside bare-ffmpeg",
    license: "MIT",
    use: "Hardware interface that FFmpeg is linked with; not used.",
    source: "Source: https://github.com/intel/libva.",
  },
  {
    name: "mozjpeg, inside @jsquash/jpeg",
    license: "IJG, BSD-3-Clause and zlib",
    use: "Decodes and encodes JPEG. This software is based in part on the work of the Independent JPEG Group.",
    source: "Source: https://github.com/mozilla/mozjpeg.",
  },
  {
    name: "LAME and libvorbis, inside wasm-media-encoders",
    license: "LGPL-2.0-or-later and BSD-3-Clause",
    use: "Encode MP3 and Vorbis.",
    source:
      "Source: https://github.com/arseneyr/wasm-media-encoders, https://lame.sourceforge.io and https://xiph.org/vorbis.",
  },
  {
    name: "mpg123, inside mpg123-decoder",
    license: "LGPL-2.1",
    use: "Decodes MP3.",
    source: "Source: https://github.com/eshaz/wasm-audio-decoders and https://mpg123.de.",
  },
  {
    name: "libdeflate 1.26, inside libdeflate-sys",
    license: "MIT",
    use: "Makes the blocks of BAM files again.",
    source: "Source: https://github.com/ebiggers/libdeflate.",
  },
];

/** Licences of the Rust crates in the WebAssembly models; the lock file names crates without them. */
export const CRATE_LICENSES: Readonly<Record<string, string>> = {
  arrayvec: "MIT OR Apache-2.0",
  bitcode: "MIT OR Apache-2.0",
  bitcode_derive: "MIT OR Apache-2.0",
  bytemuck: "Zlib OR Apache-2.0 OR MIT",
  byteorder: "Unlicense OR MIT",
  cabac: "LGPL-3.0-or-later",
  cc: "MIT OR Apache-2.0",
  "default-boxed": "MIT",
  "default-boxed-derive": "MIT",
  deranged: "MIT OR Apache-2.0",
  "find-msvc-tools": "MIT OR Apache-2.0",
  glam: "MIT OR Apache-2.0",
  "libdeflate-sys": "Apache-2.0",
  "preflate-rs": "Apache-2.0",
  "proc-macro2": "MIT OR Apache-2.0",
  quote: "MIT OR Apache-2.0",
  serde: "MIT OR Apache-2.0",
  serde_core: "MIT OR Apache-2.0",
  serde_derive: "MIT OR Apache-2.0",
  shlex: "MIT OR Apache-2.0",
  syn: "MIT OR Apache-2.0",
  "unicode-ident": "(MIT OR Apache-2.0) AND Unicode-3.0",
};
