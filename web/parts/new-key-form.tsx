import { useState } from "preact/hooks";
import { sentence } from "../api/client";

const SCOPES = {
  read: "list and download",
  write: "upload",
  delete: "delete",
  admin: "manage keys and settings",
} as const;

type Scope = keyof typeof SCOPES;

const USUAL: readonly Scope[] = ["read", "write"];

export function NewKeyForm({ onCreate }: { onCreate(name: string, scopes: string[]): Promise<void> }) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState(new Set<Scope>(USUAL));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");

  const toggle = (scope: Scope) => {
    const next = new Set(scopes);
    if (!next.delete(scope)) next.add(scope);
    setScopes(next);
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await onCreate(name.trim(), [...scopes]);
      setName("");
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form class="card new-key" onSubmit={submit}>
      <label class="field">
        Name of a new key
        <input
          name="name"
          required
          maxLength={100}
          placeholder="Sequencer in room 4"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <fieldset>
        <legend>The key may</legend>
        {(Object.keys(SCOPES) as Scope[]).map((scope) => (
          <label class="check" key={scope}>
            <input type="checkbox" checked={scopes.has(scope)} onChange={() => toggle(scope)} />
            {SCOPES[scope]}
          </label>
        ))}
      </fieldset>
      <button type="submit" class="primary" disabled={busy || scopes.size === 0}>
        Make key
      </button>
      {problem !== "" && (
        <p class="notice bad" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}
