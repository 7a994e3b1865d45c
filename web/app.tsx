import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { ApiError, Client, redeemSetup, sentence } from "./api/client";
import type { NewKey } from "./api/types";
import { Appliance } from "./appliance";
import { KeyDialog } from "./parts/key-dialog";
import { SignIn } from "./parts/sign-in";
import { forgetKey, isKeptOnThisComputer, keepKey, storedKey, takeSetupToken } from "./session";

/** Decides between the two faces of the page: signed in or not. */
export function App() {
  const [key, setKey] = useState(storedKey);
  const [welcome, setWelcome] = useState<NewKey | null>(null);
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  const signIn = useCallback(async (candidate: string, onThisComputer: boolean) => {
    setBusy(true);
    setProblem("");
    try {
      await new Client(candidate).space();
      keepKey(candidate, onThisComputer);
      setKey(candidate);
    } catch (error) {
      setProblem(isRejected(error) ? "No such key is known here, or it is no longer valid." : sentence(error));
    } finally {
      setBusy(false);
    }
  }, []);

  const redeem = useCallback(async (token: string) => {
    setBusy(true);
    setProblem("");
    try {
      const made = await redeemSetup(token);
      keepKey(made.key, false);
      setWelcome(made);
      setKey(made.key);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  }, []);

  /** The key in use was rotated: its successor takes over, kept where the old one was. */
  const succeed = useCallback((successor: string) => {
    keepKey(successor, isKeptOnThisComputer());
    setKey(successor);
  }, []);

  const signOut = useCallback((why = "") => {
    forgetKey();
    setKey(null);
    setWelcome(null);
    setProblem(why);
  }, []);

  useEffect(() => {
    const redeemFromAddress = () => {
      const token = takeSetupToken();
      if (token !== null) void redeem(token);
    };
    redeemFromAddress();
    addEventListener("hashchange", redeemFromAddress);
    return () => removeEventListener("hashchange", redeemFromAddress);
  }, [redeem]);

  const client = useMemo(() => (key === null ? null : new Client(key)), [key]);
  const onError = useCallback(
    (error: unknown) => {
      const rejected = isRejected(error);
      if (rejected) signOut("This key is no longer valid. Sign in with another one.");
      return rejected;
    },
    [signOut],
  );

  if (client === null) return <SignIn problem={problem} busy={busy} onKey={signIn} />;
  return (
    <>
      <Appliance client={client} onSuccessor={succeed} onSignOut={signOut} onError={onError} />
      {welcome && (
        <KeyDialog
          made={welcome}
          title="Welcome"
          text="The setup link has been used up. This is your administrator's key: note it now, it is shown this once. You are signed in with it until this tab is closed."
          onClose={() => setWelcome(null)}
        />
      )}
    </>
  );
}

/** Whether the server does not take the key (any more). */
function isRejected(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
