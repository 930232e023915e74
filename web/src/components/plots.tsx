import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { call } from '../api';
import { decimal } from '../format';
import { locale, t } from '../i18n';
import type { HistoryPoint } from '../types';

/** The monitor keeps a point each ten seconds. */
const refreshMs = 10_000;
const heightPx = 120;

interface Series {
  title: string;
  unit: string;
  digits: number;
  valueOf: (point: HistoryPoint) => number | null;
}

function allSeries(): Series[] {
  return [
    { title: t.plots.interval, unit: 'ms', digits: 2, valueOf: (point) => point.intervalMs },
    {
      title: t.plots.disk,
      unit: 'GB',
      digits: 1,
      valueOf: ({ freeBytes }) => freeBytes && freeBytes / 1e9,
    },
    { title: t.plots.temperature, unit: '°C', digits: 1, valueOf: (point) => point.temperatureC },
  ];
}

/** How the monitor fared in the last hour. Loaded only when it is asked for. */
export default function Plots(): JSX.Element {
  const [points, setPoints] = useState<HistoryPoint[]>([]);
  useEffect(() => {
    const ask = (): void => {
      call<{ items: HistoryPoint[] }>('GET', '/history').then(
        ({ items }) => setPoints(items),
        () => undefined, // that the monitor is silent is said elsewhere
      );
    };
    ask();
    const timer = setInterval(ask, refreshMs);
    return () => clearInterval(timer);
  }, []);
  const known = allSeries().filter(({ valueOf }) =>
    points.some((point) => valueOf(point) !== null),
  );
  return (
    <div id="plots" class="plots">
      {known.length === 0 && <p class="quiet">{t.plots.none}</p>}
      {known.map((series) => (
        <Plot key={series.title} series={series} points={points} />
      ))}
    </div>
  );
}

function Plot({ series, points }: { series: Series; points: HistoryPoint[] }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const values = points.map(series.valueOf);
  const data: uPlot.AlignedData = [points.map(({ wallUs }) => wallUs / 1e6), values];
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    plot.current = new uPlot(optionsFor(series, element), data, element);
    const sizes = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: heightPx }),
    );
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [points]);
  const newest = values.filter((value) => value !== null).at(-1) ?? null;
  const now = newest === null ? '' : `${decimal(newest, series.digits)} ${series.unit}`;
  return (
    <figure>
      <figcaption>
        {series.title} <strong>{now}</strong>
      </figcaption>
      <div ref={place} role="img" aria-label={t.plots.label(series.title, now)} />
    </figure>
  );
}

/** In the page's own colours, whichever they are now. */
function optionsFor({ digits }: Series, element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name);
  const axis: uPlot.Axis = {
    stroke: colour('--quiet'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  return {
    width: element.clientWidth,
    height: heightPx,
    legend: { show: false },
    cursor: { show: false },
    series: [{}, { stroke: colour('--text'), width: 1.5, spanGaps: false }],
    axes: [
      { ...axis, values: (_, splits) => splits.map((second) => time.format(second * 1000)) },
      { ...axis, size: 60, values: (_, splits) => splits.map((value) => decimal(value, digits)) },
    ],
  };
}
