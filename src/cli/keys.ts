import type { ApiKey, Scope } from "../database/repository";
import { type Administration, DEFAULT_SPACE, openAdministration } from "../vault/administration";
import { type AuditAction, auditEntry } from "../vault/audit";
import { type Call, type Command, EXIT, UsageError } from "./command";
import { configOf, settingFlags } from "./settings";

const DAY_MS = 86_400_000;

type Action = (administration: Administration, call: Call, id: string) => Promise<void>;

const ACTIONS: Record<string, { takesId: boolean; run: Action }> = {
  create: { takesId: false, run: create },
  list: { takesId: false, run: list },
  revoke: { takesId: true, run: revoke },
  rotate: { takesId: true, run: rotate },
  "setup-link": { takesId: false, run: setupLink },
};

export const keys: Command = {
  usage: "create --name NAME | list | revoke ID | rotate ID | setup-link",
  summary: "Make, list, revoke and rotate API keys; the server may be running.",
  flags: {
    name: { kind: "text", value: "NAME", help: "What the key is for." },
    scopes: { kind: "text", value: "A,B", help: "Any of read,write,delete,admin; default read,write,delete." },
    "expires-days": { kind: "text", value: "N", help: "Days until the key expires; never by default." },
    json: { kind: "switch", help: "Print JSON." },
    ...settingFlags(["data", "database", "host", "port", "publicUrl"]),
  },

  async run(call) {
    const [word = "", id = "", ...more] = call.positionals;
    const action = Object.hasOwn(ACTIONS, word) ? ACTIONS[word] : undefined;
    if (!action || more.length > 0 || action.takesId !== (id !== ""))
      throw new UsageError(`Usage: keys ${keys.usage}.`);
    const administration = await openAdministration(configOf(call));
    try {
      await action.run(administration, call, id);
      return EXIT.ok;
    } finally {
      await administration.repository.close();
    }
  },
};

async function create({ access, repository }: Administration, call: Call): Promise<void> {
  const name = call.text("name");
  if (!name) throw new UsageError("keys create needs --name.");
  const scopes = call
    .text("scopes")
    ?.split(",")
    .map((scope) => scope.trim()) as Scope[] | undefined;
  const made = await access.create(DEFAULT_SPACE, { name, scopes, expiresAt: expiry(call) });
  await note(repository, "key.create", made.row.id);
  printNew(call, made);
}

async function list({ repository }: Administration, call: Call): Promise<void> {
  const rows = (await repository.keys(DEFAULT_SPACE)).map(shown);
  if (call.has("json")) return console.log(JSON.stringify({ keys: rows }));
  for (const row of rows) {
    const state = row.revokedAt ? "revoked" : row.expiresAt ? `until ${row.expiresAt}` : "live";
    console.log(
      `${row.id}  ${row.prefix}...  ${row.scopes.join(",").padEnd(24)}  ${state.padEnd(10)}  ${row.name}`,
    );
  }
}

async function revoke({ access, repository }: Administration, call: Call, id: string): Promise<void> {
  const row = await access.revoke(DEFAULT_SPACE, id);
  await note(repository, "key.revoke", id);
  console.log(call.has("json") ? JSON.stringify(shown(row)) : `Revoked ${row.name} (${id}).`);
}

async function rotate({ access, repository }: Administration, call: Call, id: string): Promise<void> {
  const made = await access.rotate(DEFAULT_SPACE, id);
  await note(repository, "key.rotate", id);
  printNew(call, made);
}

async function setupLink({ access }: Administration, call: Call): Promise<void> {
  const token = await access.offerSetup(DEFAULT_SPACE);
  const { host, port, publicUrl } = configOf(call);
  const link = `${publicUrl || `http://${host}:${port}`}/#setup=${token}`;
  console.log(call.has("json") ? JSON.stringify({ link, token }) : `Open this link once within a day: ${link}`);
}

function printNew(call: Call, { key, row }: { key: string; row: ApiKey }): void {
  if (call.has("json")) console.log(JSON.stringify({ key, ...shown(row) }));
  else
    console.log(
      `${key}\nKept nowhere in this form: note it now. (${row.name}, ${row.scopes.join(",")}, id ${row.id})`,
    );
}

function shown({ hash: _, spaceId: __, ...row }: ApiKey) {
  const at = (date: Date | null) => date?.toISOString() ?? null;
  return {
    ...row,
    createdAt: at(row.createdAt),
    expiresAt: at(row.expiresAt),
    lastUsedAt: at(row.lastUsedAt),
    revokedAt: at(row.revokedAt),
  };
}

function expiry(call: Call): Date | null {
  const days = call.text("expires-days");
  if (days === undefined) return null;
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new UsageError("--expires-days must be a whole number from 1 to 99999.");
  return new Date(Date.now() + Number(days) * DAY_MS);
}

async function note(repository: Administration["repository"], action: AuditAction, target: string): Promise<void> {
  await repository.audit(auditEntry({ id: "cli", spaceId: DEFAULT_SPACE, origin: null }, action, target));
}
