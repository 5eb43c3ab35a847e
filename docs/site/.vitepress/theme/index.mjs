/** The default theme, with what the pages of this repository need. */
import DefaultTheme from 'vitepress/theme';
import './style.css';

export default DefaultTheme;
