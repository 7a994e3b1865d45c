import { useId } from "preact/hooks";
import type { CodecDescription } from "../api/types";

type Schema = CodecDescription["params"]["properties"][string];

interface ParameterFieldProps {
  name: string;
  schema: Schema;
  value: string;
  onChange(value: string): void;
}

/** One parameter: a choice, a number, a number or a word, or yes and no, as its JSON Schema has it. */
export function ParameterField({ name, schema, value, onChange }: ParameterFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{title(name)}</label>
      <Control id={id} schema={schema} value={value} onChange={onChange} />
      {schema.description && (
        <p class="quiet small" id={`${id}-help`}>
          <Prose text={schema.description} />
        </p>
      )}
    </div>
  );
}

interface ControlProps {
  id: string;
  schema: Schema;
  value: string;
  onChange(value: string): void;
}

function Control({ id, schema, value, onChange }: ControlProps) {
  const branches: Schema[] = schema.anyOf ?? [schema];
  const words = branches.filter((branch) => "const" in branch).map((branch) => String(branch.const));
  const number = branches.find(({ type }) => type === "integer" || type === "number");
  const help = schema.description ? `${id}-help` : undefined;

  if (schema.type === "boolean" || (words.length > 0 && !number)) {
    return (
      <select
        id={id}
        value={value}
        aria-describedby={help}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {(schema.type === "boolean" ? ["true", "false"] : words).map((word) => (
          <option key={word} value={word}>
            {word}
          </option>
        ))}
      </select>
    );
  }
  // A word among numbers needs a text field; the server checks it.
  const isNumber = number !== undefined && words.length === 0;
  return (
    <>
      <input
        id={id}
        type={isNumber ? "number" : "text"}
        min={number?.minimum}
        max={number?.maximum}
        step={number?.type === "integer" ? 1 : "any"}
        list={words.length > 0 ? `${id}-words` : undefined}
        value={value}
        aria-describedby={help}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
      {words.length > 0 && (
        <datalist id={`${id}-words`}>
          {words.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** `drop_bits` as "Drop bits". */
function title(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Text in which backticks mark code. */
function Prose({ text }: { text: string }) {
  return <>{text.split("`").map((piece, i) => (i % 2 === 1 ? <code key={piece}>{piece}</code> : piece))}</>;
}
