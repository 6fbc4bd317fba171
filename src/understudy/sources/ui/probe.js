(most) => {
  const text = new Set(['text','search','tel','url','email','password','textarea']);
  const all = []; const find = r => { for (const e of r.querySelectorAll('*')) { if (e.matches('input,textarea')) all.push(e); if (e.shadowRoot) find(e.shadowRoot); } };
  find(document);
  let told = 0;
  for (const e of all.slice(0, most)) {
    if (!text.has(e.type) || e.disabled || e.readOnly || !e.willValidate) continue;
    const before = e.value;
    const set = Object.getOwnPropertyDescriptor(e.tagName === 'TEXTAREA' ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype, 'value').set;
    const saying = () => e.validity.customError ? e.validationMessage : (e.getAttribute('aria-invalid') === 'true' && e.validity.valid ? (document.getElementById((e.getAttribute('aria-describedby') || e.getAttribute('aria-errormessage') || '').split(' ')[0]) || {}).textContent || 'invalid' : '');
    const tried = v => { set.call(e, v); for (const k of ['input','change','blur']) e.dispatchEvent(new Event(k, {bubbles: true})); return saying(); };
    try {
      const start = saying();
      const said = new Set();
      const empty = tried('');
      const seeds = ['x'.repeat(20), '1'.repeat(10), 'ann@example.org', 'https://example.org', 'Abcdef1!ghij'];
      const good = seeds.find(s => !(e.maxLength > 0 && s.length > e.maxLength) && !tried(s));
      if (empty && good !== undefined) { if (!e.required) e.setAttribute('required', ''); said.add(empty); }
      if (good !== undefined && /^(.)\1*$/.test(good)) {
        const c = good[0];
        const fails = n => { const m = tried(c.repeat(n)); if (m) said.add(m); return !!m; };
        if (fails(1)) { let lo = 1, hi = good.length; while (hi - lo > 1) { const mid = (lo + hi) >> 1; if (fails(mid)) lo = mid; else hi = mid; }
          if (e.minLength < hi) e.setAttribute('minlength', hi); }
        const top = e.maxLength > 0 ? e.maxLength : 1000;
        if (top > good.length && fails(top)) { let lo = good.length, hi = top; while (hi - lo > 1) { const mid = (lo + hi) >> 1; if (fails(mid)) hi = mid; else lo = mid; }
          e.setAttribute('maxlength', lo); }
      } else if (good === undefined) { for (const s of seeds) { const m = tried(s); if (m) said.add(m); } }
      if (said.size) { e.setAttribute('data-us-said', [...said].join(' | ').slice(0, 300)); told++; }
    } catch (error) { } finally { set.call(e, before); for (const k of ['input','change']) e.dispatchEvent(new Event(k, {bubbles: true})); }
  }
  return told;
}
