import type { Source } from "../../graph/source";
import { type Format, no, type Probe, yes } from "../codec";
import { hasMagic, latin1 } from "../sniff";
import { type Checksum, type Claim, isFloat, type Layout, NO_LAYOUT, regionsOf } from "./layout";
import { LEGACY_MAGIC, legacyClaims, tarClaims, tarName } from "./legacy";
import { type PickleValue, readPickle } from "./pickle";
import { namedStorages } from "./storages";
import { storedMembers, type ZipMember } from "./zip";

export const pt: Format = {
  name: "pt",
  title: "PyTorch checkpoint",
  extensions: ["pt", "pth", "bin", "ckpt"],
  mediaType: "application/octet-stream",
  sniff(probe) {
    if (hasMagic(probe.head, LEGACY_MAGIC)) return yes(1);
    if (hasMagic(probe.head, "PK\x03\x04")) return sniffZip(probe);
    if (hasMagic(probe.head, "ustar", 257)) {
      const old = OLD_MEMBERS.has(tarName(probe.head));
      return old ? yes(0.8) : no("the tar archive holds no member named `storages`");
    }
    if (opensPickle(probe.head)) return yes(0.4);
    return no("no PyTorch checkpoint: a zip with `data.pkl`, or a pickle with torch's magic number");
  },
};

/** Members of the oldest form, a tar archive. */
const OLD_MEMBERS: ReadonlySet<string> = new Set(["sys_info", "pickle", "storages", "tensors"]);

function sniffZip({ head, tail }: Probe) {
  const names = latin1(head) + latin1(tail);
  if (/\/data\.pkl|\/constants\.pkl|\/\.data\/version|\/\.data\/ts_code/.test(names)) return yes(0.95);
  // The list of a large checkpoint's members is longer than what a sniffer sees.
  if (/\/data\/\d/.test(names)) return yes(0.6);
  return no("the zip archive holds no member named `data.pkl`");
}

/** Whether some object of Python's is pickled here: a checkpoint that torch did not write itself. */
function opensPickle(head: Uint8Array): boolean {
  if (head[0] !== 0x80 || head[1]! < 2 || head[1]! > 5) return false;
  try {
    readPickle(head);
    return true;
  } catch (error) {
    return /ends/.test((error as Error).message);
  }
}

/** Finds the storages of a checkpoint in any of torch's three forms; what it does not know has none. */
export async function torchLayout(source: Source): Promise<Layout> {
  const head = await source.read(0, 512);
  if (hasMagic(head, "PK\x03\x04")) return zipLayout(source);
  const claims = hasMagic(head, LEGACY_MAGIC)
    ? await legacyClaims(source)
    : hasMagic(head, "ustar", 257)
      ? await tarClaims(source)
      : [];
  if (claims.length === 0) return NO_LAYOUT;
  return { tensors: claims.filter(({ type }) => isFloat(type)).length, regions: regionsOf(claims), checksums: [] };
}

const MAX_PICKLE_BYTES = 32 << 20;

/** `torch/serialization.py`, `_save`: `<root>/data.pkl` names the storages, `<root>/data/<key>` are their bytes. */
async function zipLayout(source: Source): Promise<Layout> {
  const members = await storedMembers(source);
  const byName = new Map(members.map((member) => [member.name, member]));
  const claims: Claim[] = [];
  const checksums: Checksum[] = [];
  for (const pickle of members) {
    const folder = /^(.+\/)?(data|constants)\.pkl$/.exec(pickle.name);
    if (!folder || pickle.length > MAX_PICKLE_BYTES) continue;
    const root = folder[1] ?? "";
    const bigEndian = await isBigEndian(source, byName.get(`${root}byteorder`));
    const ids = persistentIds(await source.read(pickle.offset, pickle.length));
    for (const [key, { kind, elements }] of namedStorages(ids)) {
      const member = byName.get(`${root}${folder[2]}/${key}`);
      if (!member || !kind?.type || member.length !== elements * kind.width) continue;
      claims.push({ offset: member.offset, length: member.length, type: kind.type, bigEndian });
      checksums.push({ offset: member.offset, length: member.length, at: member.checksumAt });
    }
  }
  checksums.sort((a, b) => a.offset - b.offset);
  return { tensors: claims.filter(({ type }) => isFloat(type)).length, regions: regionsOf(claims), checksums };
}

async function isBigEndian(source: Source, member: ZipMember | undefined): Promise<boolean> {
  return member !== undefined && member.length === 3 && latin1(await source.read(member.offset, 3)) === "big";
}

function persistentIds(pickle: Uint8Array): readonly PickleValue[] {
  try {
    return readPickle(pickle).persistentIds;
  } catch {
    return [];
  }
}
