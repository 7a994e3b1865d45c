import type { Part, StoredFile } from "../database/repository";
import { Refusal } from "../errors";
import type { Source } from "../graph/source";
import type { Appliance } from "./appliance";
import { randomHex } from "./names";
import type { PartBin } from "./pack";
import type { PartSource } from "./unpack";

/**
 * The parts of one upload: those that the space has already are used again, new ones are put into the store at
 * once and become real with the upload's commit.
 */
export class SpaceParts implements PartBin {
  readonly added: Part[] = [];
  /** Files' archives that become parts as well, if the space still has the files when the upload is committed. */
  readonly adopted: Part[] = [];
  /** Object keys announced so far, put or not. */
  readonly reserved: string[] = [];

  constructor(
    private readonly appliance: Appliance,
    private readonly spaceId: string,
    /** A file whose content may be used as a part. */
    private readonly relative?: StoredFile,
  ) {}

  async has(sha256: string): Promise<boolean> {
    if (this.added.some((part) => part.sha256 === sha256)) return true;
    if ((await this.appliance.repository.part(this.spaceId, sha256)) !== null) return true;
    return this.#adopt(sha256);
  }

  #adopt(sha256: string): boolean {
    if (this.relative?.contentSha256 !== sha256) return false;
    const { spaceId, contentBytes: bytes, objectKey, objectBytes } = this.relative;
    this.adopted.push({ spaceId, sha256, bytes, objectKey, objectBytes, createdAt: new Date() });
    return true;
  }

  async add(part: { sha256: string; bytes: number; archivePath: string; archiveBytes: number }): Promise<void> {
    // A key of its own for every put: an object that is being swept never shares a name with a new one.
    const objectKey = `parts/${part.sha256}-${randomHex(8)}.smz`;
    await this.appliance.repository.reserveObjects(this.appliance.instance, [objectKey], new Date());
    this.reserved.push(objectKey);
    await (await this.appliance.stores.require()).putFile(objectKey, part.archivePath);
    this.added.push({
      spaceId: this.spaceId,
      sha256: part.sha256,
      bytes: part.bytes,
      objectKey,
      objectBytes: part.archiveBytes,
      createdAt: new Date(),
    });
  }
}

/** Finds the archives of shared parts when a file is read. */
export function storedParts(appliance: Appliance, spaceId: string): PartSource {
  return {
    async open(sha256: string): Promise<Source> {
      const part = await appliance.repository.part(spaceId, sha256);
      if (!part) throw new Refusal("damaged", `The shared part ${sha256} is missing from the space.`);
      return appliance.stores.source(part.objectKey, part.objectBytes);
    },
  };
}
