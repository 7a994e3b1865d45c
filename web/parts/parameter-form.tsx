import type { CodecDescription } from "../api/types";
import { ParameterField } from "./parameter-field";

/** The codec that stands for "the content decides". */
export const AUTO = "auto";

/** Query parameters that differ from their defaults, as text. */
export type Parameters = Readonly<Record<string, string>>;

type Schema = CodecDescription["params"]["properties"][string];

interface ParameterFormProps {
  codecs: CodecDescription[];
  codec: string;
  params: Parameters;
  onCodec(name: string): void;
  onParams(params: Parameters): void;
}

/** A form made of what `GET /api/codecs` says of the chosen codec. */
export function ParameterForm({ codecs, codec, params, onCodec, onParams }: ParameterFormProps) {
  const chosen = codecs.find(({ name }) => name === codec);

  const set = (name: string, value: string, fallback: string) => {
    const { [name]: _, ...others } = params;
    onParams(value === fallback || value === "" ? others : { ...others, [name]: value });
  };

  return (
    <div class="parameters">
      <div class="field">
        <label for="codec">Codec</label>
        <select
          id="codec"
          value={codec}
          onChange={(event) => onCodec(event.currentTarget.value)}
          aria-describedby="codec-help"
        >
          <option value={AUTO}>Automatic: the content decides</option>
          {codecs.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
        <p class="quiet small" id="codec-help">
          {chosen?.summary ??
            "Every file is recognised by its content; what nobody knows is stored by the general model."}
        </p>
      </div>
      {chosen && chosen.formats.length > 1 && (
        <label class="field">
          Format
          <select value={params.format ?? ""} onChange={(event) => set("format", event.currentTarget.value, "")}>
            <option value="">Automatic</option>
            {chosen.formats.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
      )}
      {fieldsOf(codecs, chosen).map(([name, schema]) => {
        const fallback = schema.default === undefined ? "" : String(schema.default);
        return (
          <ParameterField
            key={`${codec}/${name}`}
            name={name}
            schema={schema}
            value={params[name] ?? fallback}
            onChange={(value) => set(name, value, fallback)}
          />
        );
      })}
    </div>
  );
}

/** The parameters to show: without the format, which has a field of its own, and without other names for it. */
function fieldsOf(codecs: CodecDescription[], chosen: CodecDescription | undefined): [string, Schema][] {
  if (!chosen) {
    const level = codecs[0]?.params.properties.level;
    return level ? [["level", level]] : [];
  }
  const { format, ...others } = chosen.params.properties;
  return Object.entries(others).filter(([, schema]) => words(schema) !== words(format!));
}

function words(schema: Schema): string {
  return (schema.anyOf ?? [schema]).map((branch: Schema) => String(branch.const)).join();
}
