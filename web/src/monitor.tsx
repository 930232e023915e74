import { render } from 'preact';
import { App } from './components/app';
import { language, useFirstLanguage } from './i18n';
import { followMonitor } from './monitor-client';
import { store } from './state';

await useFirstLanguage();
store.update({ language });
const root = document.getElementById('app');
if (root) render(<App />, root);
followMonitor();
