import { render } from 'preact';
import { ControllerApp } from './app';
import { begin } from './begin';

const root = document.getElementById('app');
if (root) render(<ControllerApp />, root);
void begin();
