import { Refusal } from "../errors";
import { LocalStore } from "./local";
import type { ObjectStore } from "./object-store";
import type { StorageSettings } from "./settings";

/**
 * Opens the store that the settings describe. A folder is made if need be; an S3 server is not yet asked anything:
 * that is what `check` is for.
 * @throws Refusal `storage_not_configured`, `bad_parameter`, `storage_unavailable`, `disk_full`
 */
export async function openStore(settings: StorageSettings): Promise<ObjectStore> {
  switch (settings.kind) {
    case "none":
      throw notConfigured("No storage is configured yet; choose a folder or an S3 bucket in the storage settings.");
    case "local":
      if (settings.directory === "") throw bad("directory", "The storage folder has no name.");
      return LocalStore.open(settings.directory);
    case "s3":
      return openS3(settings);
  }
}

async function openS3(settings: Extract<StorageSettings, { kind: "s3" }>): Promise<ObjectStore> {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = settings;
  if (endpoint !== null && !/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw bad("endpoint", "The S3 endpoint must look like https://host or http://host:port.");
  }
  if (!/^[a-z0-9-]+$/i.test(region)) throw bad("region", "The S3 region must be a word like us-east-1.");
  if (!/^[\w.-]+$/.test(bucket))
    throw bad("bucket", "The S3 bucket's name has letters, digits, dots and dashes only.");
  if (accessKeyId === "" || !secretAccessKey) {
    throw notConfigured(
      "The S3 storage needs an access key id and its secret; enter both in the storage settings.",
    );
  }
  // The client takes longer to load than all the rest of the server: only those who use it pay for it.
  const { S3Store } = await import("./s3");
  return new S3Store({ ...settings, secretAccessKey });
}

function bad(parameter: string, message: string): Refusal {
  return new Refusal("bad_parameter", message, { parameter });
}

function notConfigured(message: string): Refusal {
  return new Refusal("storage_not_configured", message);
}
