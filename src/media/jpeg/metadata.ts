import { type Jpeg, type JpegSegment, parseJpeg, segmentBytes } from "./markers";

const APP0 = 0xe0;
const APP2 = 0xe2;
const APP14 = 0xee;
const COM = 0xfe;
/** Says that a picture has been through this already: each further time would cost quality again. */
const SIGNATURE = "Compressed by Smallest";

function startsWith(segment: JpegSegment, text: string): boolean {
  return Buffer.from(segment.payload.buffer, segment.payload.byteOffset, text.length).equals(
    Buffer.from(text, "latin1"),
  );
}

/**
 * Whether a segment still tells the truth about a re-encoded picture. EXIF (with orientation), ICC profile, XMP,
 * IPTC and comments do. Adobe's APP14 names the colour transform of the old encoding; a JFIF thumbnail extension has
 * no place without its order.
 */
function survives(segment: JpegSegment): boolean {
  if (segment.marker === APP14) return false;
  return segment.marker !== APP0 || startsWith(segment, "JFIF\0");
}

/** Whether the file says that further pictures follow this one (CIPA DC-007 multi-picture format). */
export function isMultiPicture(jpeg: Jpeg): boolean {
  return jpeg.metadata.some((segment) => segment.marker === APP2 && startsWith(segment, "MPF\0"));
}

/** Whether a picture is one of our own results. */
export function isSigned(jpeg: Jpeg): boolean {
  return jpeg.metadata.some((segment) => segment.marker === COM && startsWith(segment, SIGNATURE));
}

/**
 * Puts the metadata of the original into a re-encoded picture, in the original's order and in place of the encoder's
 * own JFIF header where the original has one (its pixel density counts), and signs it.
 */
export function graftMetadata(encoded: Uint8Array, original: Jpeg): Uint8Array {
  const kept = original.metadata.filter(survives);
  const hasJfif = kept.some(({ marker }) => marker === APP0);
  const own = parseJpeg(encoded)?.metadata[0];
  const headerEnd = own ? own.offset + 4 + own.payload.length : 2;
  return Buffer.concat([
    encoded.subarray(0, hasJfif ? 2 : headerEnd),
    ...kept.map(({ marker, payload }) => segmentBytes(marker, payload)),
    segmentBytes(COM, Buffer.from(SIGNATURE, "latin1")),
    encoded.subarray(headerEnd),
  ]);
}
