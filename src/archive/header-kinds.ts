/** Codec, format and media type by their number from 1 on. Never to be changed, only added to: headers hold the numbers. */
export const HEADER_KINDS: readonly (readonly [codec: string, format: string, mediaType: string])[] = [
  ["dicom", "dcm", "application/dicom"],
  ["dna", "fastq", "application/x-fastq"],
  ["dna", "bam", "application/octet-stream"],
  ["dna", "vcf", "application/x-vcf"],
  ["geospatial", "geojson", "application/geo+json"],
  ["geospatial", "geotiff", "image/tiff"],
  ["geospatial", "shapefile", "application/vnd.shp"],
  ["geospatial", "lidar", "application/vnd.las"],
  ["fits", "fits", "application/fits"],
  ["segy", "segy", "application/octet-stream"],
  ["model-weights", "safetensors", "application/octet-stream"],
  ["model-weights", "pt", "application/octet-stream"],
  ["audio", "wav", "audio/wav"],
  ["audio", "flac", "audio/flac"],
  ["audio", "mp3", "audio/mpeg"],
  ["audio", "ogg", "audio/ogg"],
  ["db-dumps", "postgres", "application/sql"],
  ["db-dumps", "mysql", "application/sql"],
  ["db-dumps", "mongodb", "application/bson"],
  ["db-dumps", "oracle", "application/sql"],
  ["db-dumps", "mssql", "application/sql"],
  ["text-pdf", "pdf", "application/pdf"],
  ["log-files", "log", "text/plain"],
  ["email", "mbox", "application/mbox"],
  ["dict-transport", "html", "text/html"],
  ["dict-transport", "css", "text/css"],
  ["dict-transport", "js", "text/javascript"],
  ["general", "binary", "application/octet-stream"],
];

/** By their number. Never to be changed. */
export const HEADER_LEVELS: readonly string[] = ["fast", "balanced", "max"];

const MAPS = [
  '{"uploadId":"","space":"","bytes":"","sha256":""}',
  '{"precision":6,"simplify":0}',
  '{"tile_size":256}',
  '{"drop_bits":1}',
  '{"quality":"medium"}',
  '[{"quality":"archive"},{},{}]',
];

/** What a header's maps are deflated behind, see `docs/format/archive.md`, "Header". Never to be changed either. */
export const MAP_DICTIONARY: Uint8Array = new TextEncoder().encode(MAPS.join(""));
