/** What storage is in use, without secrets. */
export type StorageSettings =
  | { kind: "none" }
  | { kind: "local"; directory: string }
  | {
      kind: "s3";
      endpoint: string | null;
      region: string;
      bucket: string;
      prefix: string;
      pathStyle: boolean;
      accessKeyId: string;
      /** Only ever given in, never out. */
      secretAccessKey?: string;
    };
