import { Health } from "./health";
import { Mark } from "./mark";

export type View = "files" | "keys";

interface HeaderProps {
  view: View;
  onView(view: View): void;
  onSignOut(): void;
}

export function Header({ view, onView, onSignOut }: HeaderProps) {
  const tab = (name: View, title: string) => (
    <button type="button" aria-current={view === name ? "page" : undefined} onClick={() => onView(name)}>
      {title}
    </button>
  );
  return (
    <header>
      <h1>
        <Mark /> Smallest
      </h1>
      <nav aria-label="Sections">
        {tab("files", "Files")}
        {tab("keys", "Keys")}
        <a href="/docs">API</a>
      </nav>
      <Health />
      <button type="button" class="plain" onClick={() => onSignOut()}>
        Sign out
      </button>
    </header>
  );
}
