import type { Excerpt, Part, StoredFile } from "../database/repository";
import { Refusal } from "../errors";
import { type LentPart, MAX_NEEDS, type PartName } from "../graph/plan";
import type { Source } from "../graph/source";
import type { Appliance } from "./appliance";
import type { Text } from "./excerpts";
import { randomHex } from "./names";
import type { NewPart, PartBin, TextBin } from "./pack";
import { partContent } from "./part-cache";
import type { PartSource } from "./unpack";

/**
 * The parts of one upload: those that the space has already are used again, new ones are put into the store at
 * once and become real with the upload's commit.
 */
export class SpaceParts implements PartBin, TextBin {
  readonly texts = this;
  readonly added: Part[] = [];
  /** Files' archives that become parts as well, if the space still has the files when the upload is committed. */
  readonly adopted: Part[] = [];
  /** Object keys announced so far, put or not. */
  readonly reserved: string[] = [];
  /** Bytes of the file that the space had already, and of archives that it need not keep once more. */
  readonly shared = { bytes: 0, saved: 0 };
  readonly #noted = new Map<string, readonly Text[]>();
  readonly #borrowed = new Map<string, number>();

  constructor(
    private readonly appliance: Appliance,
    private readonly spaceId: string,
    private readonly options: {
      /** A file whose content may be used as a part. */
      readonly relative?: StoredFile;
      readonly signal?: AbortSignal;
    } = {},
  ) {}

  /** Texts in the parts that were added. */
  excerpts(): Excerpt[] {
    return this.added.flatMap(({ spaceId, sha256 }) =>
      (this.#noted.get(sha256) ?? []).map((text) => ({ spaceId, sha256, ...text })),
    );
  }

  async has(sha256: string): Promise<boolean> {
    if (this.added.some((part) => part.sha256 === sha256)) return true;
    const part = await this.appliance.repository.part(this.spaceId, sha256);
    if (!part) return this.#adopt(sha256);
    this.#countShared(part);
    return true;
  }

  #adopt(sha256: string): boolean {
    const { relative } = this.options;
    if (relative?.contentSha256 !== sha256) return false;
    const { spaceId, contentBytes: bytes, objectKey, objectBytes } = relative;
    this.adopted.push({ spaceId, sha256, bytes, objectKey, objectBytes, prior: null, createdAt: new Date() });
    return true;
  }

  async find(hashes: readonly string[]): Promise<ReadonlyMap<string, Excerpt>> {
    const found = await this.appliance.repository.excerpts(this.spaceId, hashes);
    return new Map(found.map((excerpt) => [excerpt.hash, excerpt]));
  }

  async content(sha256: string): Promise<LentPart | undefined> {
    const part = await this.appliance.repository.part(this.spaceId, sha256);
    return part ? this.#lent(part) : undefined;
  }

  async largest(bounds: { least: number; most: number }): Promise<LentPart | undefined> {
    const part = await this.appliance.repository.largestText(this.spaceId, bounds);
    return part ? this.#lent(part) : undefined;
  }

  async needs(hashes: readonly string[]): Promise<ReadonlyMap<string, readonly PartName[]>> {
    const needs = new Map<string, readonly PartName[]>();
    for (const part of await this.appliance.repository.primedParts(this.spaceId, hashes)) {
      needs.set(part.sha256, await this.#needsOf(part));
    }
    return needs;
  }

  async #lent(part: Part): Promise<LentPart | undefined> {
    try {
      const needs = await this.#needsOf(part);
      return { sha256: part.sha256, content: await this.#decode(part, needs.length), needs };
    } catch (error) {
      if (error instanceof Refusal && error.kind === "damaged") return undefined;
      throw error;
    }
  }

  /** @throws Refusal `damaged` when one that it needs is gone, or when it needs too many */
  async #needsOf(part: Part): Promise<PartName[]> {
    const needs: PartName[] = [];
    for (let at = part; at.prior !== null; ) {
      at = await this.#existing(at.prior);
      needs.unshift({ sha256: at.sha256, bytes: at.bytes });
      if (needs.length > MAX_NEEDS) throw new Refusal("damaged", `The part ${part.sha256} needs too many others.`);
    }
    return needs;
  }

  async #existing(sha256: string): Promise<Part> {
    const part = await this.appliance.repository.part(this.spaceId, sha256);
    if (!part) throw missingPart(sha256);
    return part;
  }

  /** @param deep how many parts may have to be decoded first, each after the next */
  async #decode(part: Part, deep: number): Promise<Uint8Array> {
    const { stores, engine } = this.appliance;
    const source = await stores.source(part.objectKey, part.objectBytes);
    const priors = async (name: string) => {
      if (deep === 0 || !part.prior?.startsWith(name)) {
        throw new Refusal("damaged", `The part ${part.sha256} needs another one unexpectedly.`);
      }
      return this.#decode(await this.#existing(part.prior), deep - 1);
    };
    return partContent(
      engine,
      source,
      { hash: part.sha256, bytes: part.bytes },
      { priors, signal: this.options.signal },
    );
  }

  note(sha256: string, texts: readonly Text[]): void {
    this.#noted.set(sha256, texts);
  }

  borrow(sha256: string, bytes: number): void {
    this.#borrowed.set(sha256, (this.#borrowed.get(sha256) ?? 0) + bytes);
  }

  /** Of a part that is used in pieces, the share that is used counts. */
  #countShared({ sha256, bytes, objectBytes }: Part): void {
    const used = Math.min(bytes, this.#borrowed.get(sha256) ?? bytes);
    this.shared.bytes += used;
    this.shared.saved += Math.round((objectBytes * used) / bytes);
  }

  async add(part: NewPart): Promise<void> {
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
      prior: part.prior ?? null,
      createdAt: new Date(),
    });
  }
}

/** Finds the archives of a file's shared parts when it is read. Among those a name is of one alone. */
export function storedParts(appliance: Appliance, file: StoredFile): PartSource {
  return {
    async open(name: string): Promise<Source> {
      const part = await appliance.repository.partOfFile(file.id, name);
      if (!part) throw missingPart(name);
      return appliance.stores.source(part.objectKey, part.objectBytes);
    },
  };
}

function missingPart(hash: string): Refusal {
  return new Refusal("damaged", `The shared part ${hash} is missing from the space.`);
}
