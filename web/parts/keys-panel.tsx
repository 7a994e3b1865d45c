import { useCallback, useEffect, useState } from "preact/hooks";
import { type Client, sentence } from "../api/client";
import type { Key, NewKey } from "../api/types";
import { time } from "../format";
import { ConfirmDialog } from "./confirm-dialog";
import { KeyDialog } from "./key-dialog";
import { NewKeyForm } from "./new-key-form";

interface KeysPanelProps {
  client: Client;
  /** The key of `client` was rotated: go on with this one. */
  onSuccessor(key: string): void;
  onError(error: unknown): boolean;
}

/** Makes, lists, rotates and revokes the keys of the space. */
export function KeysPanel({ client, onSuccessor, onError }: KeysPanelProps) {
  const [keys, setKeys] = useState<Key[] | null | undefined>(undefined);
  const [made, setMade] = useState<NewKey | null>(null);
  const [asked, setAsked] = useState<{ verb: "Revoke" | "Rotate"; key: Key } | null>(null);
  const [problem, setProblem] = useState("");

  const load = useCallback(async () => {
    try {
      setKeys(await client.keys());
    } catch (error) {
      if (!onError(error)) setProblem(sentence(error));
    }
  }, [client, onError]);

  useEffect(() => void load(), [load]);

  const create = async (name: string, scopes: string[]) => {
    setMade(await client.createKey({ name, scopes }));
    await load();
  };

  const isOwn = (key: Key) => client.key.startsWith(key.prefix);

  const confirm = async () => {
    const { verb, key } = asked!;
    if (verb === "Revoke") {
      await client.revokeKey(key.id);
      await load();
    } else {
      const successor = await client.rotateKey(key.id);
      setMade(successor);
      if (isOwn(key)) onSuccessor(successor.key);
      else await load();
    }
  };

  return (
    <section aria-labelledby="keys-title">
      <h2 id="keys-title">Keys</h2>
      {problem !== "" && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
      {keys === null && <p class="notice">This key may not manage keys: that needs the scope “admin”.</p>}
      {keys && (
        <>
          <NewKeyForm onCreate={create} />
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" class="wide">
                  Scopes
                </th>
                <th scope="col" class="wide">
                  Last used
                </th>
                <th scope="col">
                  <span class="unseen">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <KeyRow key={key.id} of={key} isOwn={isOwn(key)} onAsk={(verb) => setAsked({ verb, key })} />
              ))}
            </tbody>
          </table>
        </>
      )}
      {asked && (
        <ConfirmDialog
          title={`${asked.verb} “${asked.key.name}”?`}
          text={consequence(asked.verb, isOwn(asked.key))}
          verb={asked.verb}
          onConfirm={confirm}
          onClose={() => setAsked(null)}
        />
      )}
      {made && (
        <KeyDialog
          made={made}
          title="The new key"
          text="Note it now: it is shown this once and kept nowhere in this form."
          onClose={() => setMade(null)}
        />
      )}
    </section>
  );
}

function consequence(verb: "Revoke" | "Rotate", isOwn: boolean): string {
  if (verb === "Rotate") return "A new key takes over with the same rights; the present one stops working at once.";
  const whom = isOwn ? "You are signed in with this key. You" : "Whoever uses this key";
  return `${whom} will be locked out at once. That cannot be undone.`;
}

interface KeyRowProps {
  of: Key;
  /** It is the key that this page is signed in with. */
  isOwn: boolean;
  onAsk(verb: "Revoke" | "Rotate"): void;
}

function KeyRow({ of: key, isOwn, onAsk }: KeyRowProps) {
  const expired = key.expiresAt !== null && new Date(key.expiresAt) <= new Date();
  const ended = key.revokedAt !== null ? "revoked" : expired ? "expired" : null;
  return (
    <tr class={ended ? "ended" : undefined}>
      <th scope="row">
        {key.name} {ended && <span class="tag">{ended}</span>}
        {isOwn && !ended && <span class="tag good">in use here</span>}
        <span class="meta">
          <code>{key.prefix}…</code> · made {time(key.createdAt)}
        </span>
      </th>
      <td class="wide">{key.scopes.join(", ")}</td>
      <td class="wide">{key.lastUsedAt ? time(key.lastUsedAt) : "never"}</td>
      <td class="actions">
        {!ended && (
          <>
            <button type="button" class="plain" aria-label={`Rotate ${key.name}`} onClick={() => onAsk("Rotate")}>
              Rotate
            </button>
            <button type="button" class="plain" aria-label={`Revoke ${key.name}`} onClick={() => onAsk("Revoke")}>
              Revoke
            </button>
          </>
        )}
      </td>
    </tr>
  );
}
