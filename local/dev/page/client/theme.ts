import { byId } from './dom.ts';

/** Light, dark, or as the system says; kept in this browser. */
export function chooseTheme(): void {
  const select = byId('theme', HTMLSelectElement);
  const apply = (theme: string) => {
    document.documentElement.classList.toggle('bc-light', theme === 'light');
    document.documentElement.classList.toggle('bc-dark', theme === 'dark');
  };
  select.value = localStorage.getItem('theme') ?? 'system';
  apply(select.value);
  select.addEventListener('change', () => {
    localStorage.setItem('theme', select.value);
    apply(select.value);
  });
}
