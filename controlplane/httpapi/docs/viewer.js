// Shows one OpenAPI document at a time, from this address alone. Everything in a document becomes text, never markup.
'use strict';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const entries = document.getElementById('entries');
const content = document.getElementById('content');
const filter = document.getElementById('filter');
const tabs = [...document.querySelectorAll('header a[data-document]')];
let shown = '';

function el(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes || {})) e.setAttribute(k, v);
  e.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== ''));
  return e;
}

// prose turns paragraphs and `code` of a description into elements.
function prose(text) {
  return (text || '').trim().split(/\n\s*\n/).filter(Boolean).map((p) =>
    el('p', null, p.split(/(`[^`]+`)/).map((s) => (s.startsWith('`') ? el('code', null, s.slice(1, -1)) : s))));
}

function follow(doc, x) {
  const seen = new Set();
  while (x && x.$ref && !seen.has(x.$ref)) {
    seen.add(x.$ref);
    x = x.$ref.replace(/^#\//, '').split('/').reduce((o, k) => o && o[k.replace(/~1/g, '/').replace(/~0/g, '~')], doc);
  }
  return x || {};
}

function typeOf(s) {
  const t = [].concat(s.type || []).join(' or ') || (s.properties ? 'object' : 'any value');
  const notes = [];
  if (s.format) notes.push(s.format);
  if (s.enum) notes.push(s.enum.map((v) => JSON.stringify(v)).join(', '));
  const range = (low, high, unit) => {
    if (low !== undefined && high !== undefined) notes.push(`${low} to ${high}${unit}`);
    else if (low !== undefined) notes.push(`at least ${low}${unit}`);
    else if (high !== undefined) notes.push(`at most ${high}${unit}`);
  };
  range(s.minimum, s.maximum, '');
  range(s.minLength, s.maxLength, ' characters');
  range(s.minItems, s.maxItems, ' items');
  if (s.pattern) notes.push(s.pattern);
  if (s.default !== undefined) notes.push('default ' + JSON.stringify(s.default));
  return notes.length ? `${t} (${notes.join('; ')})` : t;
}

// fields lists the members of an object, or those of an array's items.
function fields(doc, schema, depth) {
  const s = follow(doc, schema);
  if (s.type === 'array' && s.items) return fields(doc, s.items, depth);
  if (!s.properties || depth > 6) return null;
  return el('ul', {class: 'fields'}, Object.entries(s.properties).map(([name, property]) => {
    const p = {...follow(doc, property)};
    if (property.$ref && property.description) p.description = property.description;
    const items = p.type === 'array' && p.items ? follow(doc, p.items) : null;
    return el('li', null,
      el('code', null, name), ' ',
      el('span', {class: 'type'}, items ? `array of ${typeOf(items)}` : typeOf(p)), ' ',
      (s.required || []).includes(name) ? el('span', {class: 'required'}, 'required') : null,
      p.description ? ' – ' + p.description : null,
      fields(doc, p, depth + 1));
  }));
}

function schemaBlock(doc, schema) {
  const s = follow(doc, schema);
  return [el('span', {class: 'type'}, typeOf(s)), fields(doc, s, 0)];
}

function bodyOf(content) {
  return content ? Object.entries(content)[0] : null;
}

function parameterTable(doc, parameters) {
  if (!parameters.length) return null;
  return [el('h4', null, 'Parameters'), el('table', null,
    el('thead', null, el('tr', null, ['Name', 'In', 'Type', ''].map((h) => el('th', {scope: 'col'}, h)))),
    el('tbody', null, parameters.map((p) => el('tr', null,
      el('td', null, el('code', null, p.name), p.required ? [' ', el('span', {class: 'required'}, 'required')] : null),
      el('td', null, p.in), el('td', {class: 'type'}, typeOf(follow(doc, p.schema))), el('td', null, p.description || '')))))];
}

function operation(doc, id, path, method, op, shared) {
  const parameters = [...shared, ...(op.parameters || [])].map((p) => follow(doc, p));
  const request = op.requestBody ? follow(doc, op.requestBody) : null;
  const requestBody = request ? bodyOf(request.content) : null;
  return el('article', {id},
    el('h3', null, op.summary || op.operationId),
    el('code', {class: 'path'}, el('span', {class: 'method ' + method}, method.toUpperCase()), ' ', path),
    op['x-action'] ? el('p', {class: 'action'}, 'Action: ', el('code', null, op['x-action'])) : null,
    prose(op.description),
    parameterTable(doc, parameters),
    requestBody ? [el('h4', null, `Request body (${requestBody[0]}${request.required ? '' : ', optional'})`), schemaBlock(doc, requestBody[1].schema)] : null,
    Object.entries(op.responses || {}).map(([status, response]) => {
      const r = follow(doc, response);
      const body = bodyOf(r.content);
      return [
        el('h4', null, status === 'default' ? 'Any error' : status, body ? ` (${body[0]})` : ''),
        prose(r.description),
        body && status !== 'default' ? schemaBlock(doc, body[1].schema) : null,
        body && status === 'default' ? el('details', null, el('summary', null, 'Fields'), schemaBlock(doc, body[1].schema)) : null,
      ];
    }));
}

function render(doc, key) {
  const groups = new Map((doc.tags || []).map((t) => [t.name, {tag: t, list: []}]));
  for (const [path, item] of Object.entries(doc.paths)) {
    for (const method of methods.filter((m) => item[m])) {
      const op = item[method];
      const name = (op.tags || ['other'])[0];
      if (!groups.has(name)) groups.set(name, {tag: {name}, list: []});
      groups.get(name).list.push({path, method, op, shared: item.parameters || [], id: `${key}/${op.operationId}`});
    }
  }
  entries.replaceChildren();
  content.replaceChildren(
    el('h2', null, `${doc.info.title} ${doc.info.version}`),
    doc.info.summary ? el('p', null, doc.info.summary) : '',
    ...prose(doc.info.description),
    el('p', null, el('a', {href: tabs.find((t) => t.hash === '#' + key).dataset.document}, 'The document itself (OpenAPI, JSON)')));
  for (const {tag, list} of groups.values()) {
    if (!list.length) continue;
    entries.append(el('h2', null, tag.name), el('ul', null, list.map((o) => el('li', null,
      el('a', {href: '#' + o.id}, el('span', {class: 'method ' + o.method}, o.method.toUpperCase()), ' ', o.op.summary || o.op.operationId)))));
    content.append(el('h2', null, tag.name), ...prose(tag.description), ...list.map((o) => operation(doc, o.id, o.path, o.method, o.op, o.shared)));
  }
  search();
}

function search() {
  const wanted = filter.value.trim().toLowerCase();
  for (const li of entries.querySelectorAll('li')) li.hidden = !li.textContent.toLowerCase().includes(wanted);
  for (const ul of entries.querySelectorAll('ul')) ul.hidden = ul.previousSibling.hidden = ![...ul.children].some((li) => !li.hidden);
}

async function show() {
  const key = decodeURIComponent(location.hash.slice(1)).split('/')[0] || 'api';
  const tab = tabs.find((t) => t.hash === '#' + key);
  if (!tab) return;
  if (shown !== key) {
    shown = key;
    for (const t of tabs) t === tab ? t.setAttribute('aria-current', 'page') : t.removeAttribute('aria-current');
    try {
      const response = await fetch(tab.dataset.document);
      if (!response.ok) throw new Error(`the answer was ${response.status}`);
      const doc = await response.json();
      if (shown !== key) return;
      render(doc, key);
    } catch (e) {
      shown = '';
      content.replaceChildren(el('p', {class: 'problem', role: 'alert'}, `The document could not be read: ${e.message}. Reload the page to try again.`));
      return;
    }
  }
  const at = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (at && at.tagName === 'ARTICLE') at.scrollIntoView();
}

filter.addEventListener('input', search);
window.addEventListener('hashchange', show);
show();
