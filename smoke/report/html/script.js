// What the page can do beyond being read: search, keys, deep links, copying. It asks nothing of anybody, and everything it
// puts into the page is text.
(() => {
  'use strict'
  const all = (what, within = document) => [...within.querySelectorAll(what)]
  const make = (tag, kind, ...children) => {
    const made = document.createElement(tag)
    if (kind) made.className = kind
    made.append(...children)
    return made
  }
  const button = (label, action, title) => {
    const made = make('button', '', label)
    made.type = 'button'
    if (title) made.title = title
    made.addEventListener('click', (event) => {
      event.preventDefault()
      action(made)
    })
    return made
  }
  const said = make('p', 'said')
  said.setAttribute('role', 'status')
  said.hidden = true
  const say = (text) => {
    said.textContent = text
    said.hidden = false
    clearTimeout(say.later)
    say.later = setTimeout(() => { said.hidden = true }, 2000)
  }

  // copying
  const copy = async (text, what) => {
    try {
      await navigator.clipboard.writeText(text)
    } catch {
      const area = make('textarea')
      area.value = text
      document.body.append(area)
      area.select()
      document.execCommand('copy')
      area.remove()
    }
    say(`copied ${what}`)
  }
  const NAMES = { sh: 'commands', sql: 'SQL', curl: 'curl', came: 'the body' }
  const nameOf = (pre) => NAMES[[...pre.classList].find((kind) => kind in NAMES)] || 'text'
  const textOf = (pre) => [...pre.childNodes].filter((node) => node.tagName !== 'BUTTON').map((node) => node.textContent).join('')
  const raw = (side) => {
    const start = side.querySelector('.start')?.textContent ?? ''
    const [, method, address] = start.match(/^(\S+) (\S+)$/) ?? []
    const path = address && URL.canParse?.(address) ? new URL(address).pathname + new URL(address).search : address
    const head = side.classList.contains('request') && method ? `${method} ${path} HTTP/1.1` : start
    const headers = all(':scope > .fold > .inside > .headers tr', side).map((row) => [...row.children].map((cell) => cell.textContent).join(': '))
    const body = side.querySelector('pre.came')
    return [head, ...headers, '', body ? textOf(body) : ''].join('\r\n')
  }
  const decorate = (within) => {
    for (const pre of all('pre.copy', within)) {
      if (pre.firstElementChild?.tagName === 'BUTTON' || pre.parentElement.closest('details:not([open])')) continue
      pre.prepend(button('copy', () => copy(textOf(pre), nameOf(pre)), `copy ${nameOf(pre)}`))
    }
    for (const exchange of all('.exchange[open]', within)) {
      if (exchange.querySelector('.actions')) continue
      const sides = exchange.querySelector('.sides')
      sides.before(make('div', 'actions',
        button('copy curl', () => copy(textOf(exchange.querySelector('pre.curl')), 'curl')),
        ...all('.side', exchange).map((side) => {
          const what = side.classList.contains('request') ? 'raw request' : 'raw answer'
          return button(`copy ${what}`, () => copy(raw(side), what))
        }),
        button('copy link', () => copy(linkTo(exchange), 'the link'))))
    }
  }

  // places
  const PLACES = '.step, .passed-scenario, .all-passed, .card'
  const linkTo = (node) => `${location.href.split('#')[0]}#${node.closest('[id]')?.id ?? ''}`
  let current = null
  const choose = (node, move = true) => {
    current?.classList.remove('current')
    current = node
    if (!node) return
    node.classList.add('current')
    if (node.id) history.replaceState(null, '', `#${node.id}`)
    if (!move) return
    node.scrollIntoView({ block: 'start' })
    const target = node.querySelector(':scope > summary') ?? node
    if (target === node) node.tabIndex = -1
    target.focus({ preventScroll: true })
  }
  const reveal = () => {
    const node = location.hash && document.getElementById(location.hash.slice(1))
    if (!node) return
    for (let each = node; each; each = each.parentElement) if (each.tagName === 'DETAILS') each.open = true
    choose(node)
  }
  const visible = () => all(PLACES).filter((node) => node.checkVisibility?.() ?? node.offsetParent)
  const step = (by) => {
    const places = visible()
    const at = places.indexOf(current)
    const next = places[at === -1 ? (by > 0 ? 0 : places.length - 1) : at + by]
    if (next) choose(next)
  }
  const nextFailed = () => {
    const bad = visible().filter((node) => node.matches('.step') && node.querySelector(':scope > summary > .badge:is(.failed, .errored, .unfinished)'))
    choose(bad[(bad.indexOf(current) + 1) % bad.length] ?? null)
  }
  const fold = (open) => {
    for (const node of all('.step')) if (node.checkVisibility?.() ?? true) node.open = open
  }

  // search
  const field = make('input')
  field.type = 'search'
  field.placeholder = 'Search steps, headers, bodies'
  field.setAttribute('aria-label', 'Search steps, headers and bodies')
  const count = make('span', 'dim')
  count.setAttribute('role', 'status')
  const texts = new WeakMap()
  const has = (node, words) => {
    if (!texts.has(node)) texts.set(node, node.textContent.toLowerCase())
    const text = texts.get(node)
    return words.every((word) => text.includes(word))
  }
  const opened = new Set()
  const mark = (words) => {
    if (!globalThis.Highlight) return
    const ranges = []
    for (const node of words.length ? all('.step:not([hidden])') : []) {
      if (ranges.length > 500 || !(node.checkVisibility?.() ?? true)) continue
      const walk = document.createTreeWalker(node.open ? node : node.querySelector('summary'), NodeFilter.SHOW_TEXT)
      while (walk.nextNode() && 500 > ranges.length) {
        const text = walk.currentNode.data.toLowerCase()
        for (const word of words) {
          for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
            const range = new Range()
            range.setStart(walk.currentNode, at)
            range.setEnd(walk.currentNode, at + word.length)
            ranges.push(range)
          }
        }
      }
    }
    CSS.highlights.set('found', new Highlight(...ranges))
  }
  const search = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean)
    let found = 0
    for (const scenario of all('.scenario')) {
      const title = scenario.querySelector(':scope > h3, :scope > summary')
      const whole = words.length > 0 && has(title, words)
      let some = 0
      for (const each of all('.step', scenario)) {
        each.hidden = words.length > 0 && !whole && !has(each, words)
        if (!each.hidden) some += 1
      }
      for (const each of all('.folded', scenario)) each.hidden = words.length > 0 && !all('.step:not([hidden])', each).length
      scenario.hidden = words.length > 0 && !some
      found += some
    }
    for (const group of all('.all-passed, .folded')) {
      if (words.length && !group.open && all('.step:not([hidden])', group).length) {
        group.open = true
        opened.add(group)
      } else if (!words.length && opened.delete(group)) group.open = false
    }
    count.textContent = words.length ? (found === 1 ? '1 step' : `${found} steps`) : ''
    mark(words)
  }
  field.addEventListener('input', () => {
    clearTimeout(search.later)
    search.later = setTimeout(search, 120)
  })

  // keys
  const KEYS = {
    j: ['next step', () => step(1)],
    k: ['step before', () => step(-1)],
    n: ['next step that did not pass', nextFailed],
    o: ['open or close it', () => { if (current?.tagName === 'DETAILS') current.open = !current.open }],
    e: ['open all', () => fold(true)],
    x: ['close all', () => fold(false)],
    c: ['copy its request as curl', () => { const pre = current?.querySelector('pre.curl'); if (pre) copy(textOf(pre), 'curl') }],
    r: ['copy its answer, raw', () => { const side = current?.querySelector('.side.answer'); if (side) copy(raw(side), 'raw answer') }],
    l: ['copy the link to it', () => { if (current) copy(linkTo(current), 'the link') }],
    '/': ['search', () => { field.focus(); field.select() }],
    '?': ['these keys', () => help.showModal()],
  }
  const help = make('dialog')
  help.setAttribute('aria-label', 'Keys')
  const rows = Object.entries(KEYS).map(([key, [what]]) => make('tr', '', make('td', '', make('kbd', '', key)), make('td', '', what)))
  help.append(make('h2', '', 'Keys'), make('table', '', ...rows), button('Close', () => help.close()))
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && event.target === field) {
      field.value = ''
      search()
      field.blur()
    }
    if (event.key === 'Enter' && event.target === field) {
      search()
      const first = visible().find((node) => node.matches('.step'))
      if (first) {
        first.open = true
        choose(first)
      }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || event.target.matches('input, textarea, select')) return
    const known = KEYS[event.key]
    if (known) {
      event.preventDefault()
      known[1]()
    }
  })

  const bar = make('div', 'bar-top', make('div', 'wide', field, count, button('Keys ?', () => help.showModal()), said))
  bar.querySelector('button').classList.add('keys')
  bar.setAttribute('role', 'search')
  document.querySelector('main').before(bar)
  document.body.append(help)
  document.addEventListener('toggle', (event) => {
    if (event.target.tagName === 'DETAILS' && event.target.open) decorate(event.target)
  }, true)
  document.addEventListener('click', (event) => {
    const place = event.target.closest('summary')?.parentElement
    if (place?.matches(PLACES)) choose(place, false)
  })
  addEventListener('hashchange', reveal)
  decorate(document)
  reveal()
})()
