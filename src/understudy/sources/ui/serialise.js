() => {
  const VOID = new Set(['area','base','br','col','embed','hr','img','input','link','meta','source','track','wbr']);
  const SKIP = new Set(['script','style','noscript','svg','canvas','video','audio','object']);
  const esc = s => s.replace(/&/g,'&amp;').replace(/"/g,'&quot;').replace(/</g,'&lt;');
  const out = [];
  const hidden = e => { const r = e.getBoundingClientRect(), c = getComputedStyle(e);
    return c.display === 'none' || c.visibility === 'hidden' || c.opacity === '0' || r.right < -100 || r.bottom < -1000 || (r.width <= 1 && r.height <= 1); };
  const walk = n => {
    if (n.nodeType === 3) { out.push(esc(n.data)); return; }
    if (n.nodeType !== 1) return;
    const tag = n.localName;
    if (SKIP.has(tag)) return;
    out.push('<' + tag);
    for (const a of n.attributes) if (!a.name.startsWith('on')) out.push(' ' + a.name + '="' + esc(a.value) + '"');
    if (/^(input|select|textarea)$/.test(tag)) {
      if (n.type !== 'hidden' && !['radio','checkbox','file'].includes(n.type) && hidden(n)) out.push(' data-us-hidden=""');
      if (n.required && !n.hasAttribute('required')) out.push(' required=""');
    }
    out.push('>');
    if (VOID.has(tag)) return;
    if (tag === 'textarea') { out.push(esc(n.defaultValue)); }
    else for (const c of (n.shadowRoot || n).childNodes) walk(c);
    if (n.shadowRoot) for (const c of n.childNodes) walk(c);
    if (tag === 'iframe') { try { if (n.contentDocument) for (const c of n.contentDocument.body.childNodes) walk(c); } catch (e) {} }
    out.push('</' + tag + '>');
  };
  walk(document.documentElement);
  return '<!doctype html>' + out.join('');
}
