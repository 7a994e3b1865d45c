import { useCallback, useEffect, useState } from "preact/hooks";
import { type Client, sentence } from "./api/client";
import type { CodecDescription, Space } from "./api/types";
import { FilesPanel } from "./parts/files-panel";
import { Header, type View } from "./parts/header";
import { KeysPanel } from "./parts/keys-panel";
import { UploadPanel } from "./parts/upload-panel";
import { UsagePanel } from "./parts/usage-panel";

export interface ApplianceProps {
  client: Client;
  /** The key of `client` was rotated. */
  onSuccessor(key: string): void;
  onSignOut(): void;
  /** Takes care of an error that ends the session; false when the caller must show it. */
  onError(error: unknown): boolean;
}

/** Everything behind the sign-in. */
export function Appliance({ client, onSuccessor, onSignOut, onError }: ApplianceProps) {
  const [view, setView] = useState<View>("files");
  const [space, setSpace] = useState<Space | null>(null);
  const [codecs, setCodecs] = useState<CodecDescription[]>([]);
  const [problem, setProblem] = useState("");
  /** Counts changes to the stored files: whoever shows them reads them again. */
  const [changes, setChanges] = useState(0);

  const report = useCallback(
    (error: unknown) => {
      if (!onError(error)) setProblem(sentence(error));
    },
    [onError],
  );
  const onChange = useCallback(() => setChanges((count) => count + 1), []);

  useEffect(() => {
    client.codecs().then(setCodecs, report);
  }, [client, report]);

  // `changes` is no input; it says when to read again.
  useEffect(() => {
    client.space().then(setSpace, report);
  }, [client, report, changes]);

  return (
    <>
      <Header view={view} onView={setView} onSignOut={onSignOut} />
      <main>
        {problem !== "" && (
          <p class="notice bad" role="alert">
            {problem}
          </p>
        )}
        {view === "files" ? (
          <>
            <UsagePanel space={space} />
            <UploadPanel client={client} codecs={codecs} onStored={onChange} onError={onError} />
            <FilesPanel client={client} codecs={codecs} changes={changes} onChange={onChange} onError={onError} />
          </>
        ) : (
          <KeysPanel client={client} onSuccessor={onSuccessor} onError={onError} />
        )}
      </main>
    </>
  );
}
