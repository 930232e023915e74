import { render } from 'preact';
import { language, useFirstLanguage } from '../i18n';
import { store } from '../state';
import { ControllerApp } from './app';
import { begin } from './begin';

await useFirstLanguage();
store.update({ language });
const root = document.getElementById('app');
if (root) render(<ControllerApp />, root);
void begin();
