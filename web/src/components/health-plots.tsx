import type { ComponentType, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asProblem } from '../api';
import { t } from '../i18n';

/** The button that loads the plots, and where they stand. */
export function HealthPlots(): JSX.Element {
  const [Plots, setPlots] = useState<ComponentType | null>(null);
  const [shown, setShown] = useState(false);
  const [refusal, setRefusal] = useState('');

  const toggle = async (): Promise<void> => {
    setShown(!shown);
    if (shown || Plots) return;
    try {
      const loaded = await import('./plots');
      setPlots(() => loaded.default);
      setRefusal('');
    } catch (error) {
      setShown(false);
      setRefusal(asProblem(error).detail);
    }
  };
  return (
    <div class="health-plots">
      <button type="button" id="show-plots" aria-expanded={shown} onClick={() => void toggle()}>
        {shown ? t.plots.hide : t.plots.show}
      </button>
      {refusal !== '' && <p class="problem">{refusal}</p>}
      {shown && Plots && <Plots />}
    </div>
  );
}
