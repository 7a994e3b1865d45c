import { useState } from "preact/hooks";
import { Mark } from "./mark";

interface SignInProps {
  problem: string;
  busy: boolean;
  onKey(key: string, onThisComputer: boolean): void;
}

export function SignIn({ problem, busy, onKey }: SignInProps) {
  const [key, setKey] = useState("");
  const [stay, setStay] = useState(false);

  const submit = (event: Event) => {
    event.preventDefault();
    if (key.trim() !== "") onKey(key.trim(), stay);
  };

  return (
    <main class="sign-in">
      <form class="card" onSubmit={submit} aria-busy={busy}>
        <h1>
          <Mark /> Smallest
        </h1>
        <p class="quiet">Files go in, take little room, and come back exactly.</p>
        <label class="field">
          API key
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            spellcheck={false}
            required
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
            aria-describedby="key-help"
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={stay} onChange={(event) => setStay(event.currentTarget.checked)} />
          Stay signed in on this computer
        </label>
        {problem !== "" && (
          <p class="notice bad" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="primary" disabled={busy}>
          {busy ? "Signing in…" : "Sign in"}
        </button>
        <p class="quiet small" id="key-help">
          No key yet? On the first start the server prints a setup link that makes one. Later,{" "}
          <code>smallest keys create</code> on the server does.
        </p>
      </form>
    </main>
  );
}
