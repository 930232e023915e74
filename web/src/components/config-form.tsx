import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { asProblem, call } from '../api';
import type { Problem } from '../api';
import { t } from '../i18n';
import { problemTitle } from '../i18n/server';
import { fieldsOf, mergePatch, valueAt } from '../schema';
import type { Field, JsonSchema } from '../schema';
import { noteSettingsApplied, store } from '../state';
import { useStore } from '../store';
import { ConfigField, idOf } from './config-field';
import { Group, reveal } from './group';

type Changes = Record<string, unknown>;

/** The settings as the server's schema describes them; only what was changed is sent. */
export function ConfigForm(): JSX.Element {
  const [fields, setFields] = useState<Field[]>([]);
  const [config, setConfig] = useState<unknown>(null);
  const [changes, setChanges] = useState<Changes>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [outcome, setOutcome] = useState('');
  const applied = useStore(store, (state) => state.settingsApplied);
  const recording = useStore(store, (state) => state.status?.recording != null);

  const attempt = async (deed: () => Promise<void>): Promise<void> => {
    try {
      await deed();
      setProblem(null);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  useEffect(
    () =>
      void attempt(async () => {
        const schema = await call<JsonSchema>('GET', '/config/schema');
        setConfig(await call<unknown>('GET', '/config'));
        setFields(fieldsOf(schema));
      }),
    [applied],
  );

  // The field may be far from the button: the person is taken to what is wrong.
  useEffect(() => {
    if (problem?.field != null) reveal(document.getElementById(idOf(problem.field)));
  }, [problem]);

  const apply = (): Promise<void> =>
    attempt(async () => {
      setOutcome('');
      setConfig(await call<unknown>('PATCH', '/config', mergePatch(changes)));
      setChanges({});
      setOutcome(t.settings.applied);
      noteSettingsApplied();
    });
  const change = (path: string, value: unknown): void => {
    setOutcome('');
    // Back to what is set is no change.
    const { [path]: _, ...others } = changes;
    setChanges(value === valueAt(config, path) ? others : { ...others, [path]: value });
  };

  const changed = Object.keys(changes);
  const restarts = fields.some((field) => field.restarts && changed.includes(field.path));
  const groups = [...new Map(fields.map(({ group }) => [group.id, group])).values()];
  return (
    <form
      class="config"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void apply();
      }}
    >
      {groups.map((group) => (
        <Group key={group.id} id={group.id} title={group.title}>
          {fields
            .filter((field) => field.group.id === group.id)
            .map((field) => (
              <ConfigField
                key={field.path}
                field={field}
                value={field.path in changes ? changes[field.path] : valueAt(config, field.path)}
                recording={recording}
                problem={problem?.field === field.path ? problem : null}
                onChange={(value) => change(field.path, value)}
              />
            ))}
        </Group>
      ))}
      <div class="apply">
        {problem && (
          <p class="problem" role="alert">
            {problemTitle(problem)}
            {!fields.some((field) => field.path === problem.field) && ` ${problem.detail}`}
          </p>
        )}
        <p role="status">{outcome}</p>
        <button type="submit" id="apply" class="strong" disabled={changed.length === 0}>
          {restarts ? t.settings.applyRestarts : t.settings.apply}
        </button>
      </div>
    </form>
  );
}
