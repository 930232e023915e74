import { render } from 'preact';
import { ControllerApp } from './app';
import { followWork } from './actions';
import { followWall } from './wall-client';

const root = document.getElementById('app');
if (root) render(<ControllerApp />, root);
followWall();
followWork();
