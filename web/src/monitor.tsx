import { render } from 'preact';
import { App } from './components/app';
import { followMonitor } from './monitor-client';

const root = document.getElementById('app');
if (root) render(<App />, root);
followMonitor();
