"""The style sheet of the HTML report: light and dark, for a screen and for paper, without anything from outside."""

STYLE = """
:root { --ink: #1c2024; --dim: #60646c; --paper: #fcfcfd; --card: #fff; --line: #e0e1e6; --code: #f3f4f6;
  --good: #18794e; --bad: #c62a2f; --odd: #ad5700; --link: #0b68cb; }
@media (prefers-color-scheme: dark) { :root { --ink: #edeef0; --dim: #b0b4ba; --paper: #111113; --card: #18191b;
  --line: #363a3f; --code: #212225; --good: #3dd68c; --bad: #ff9592; --odd: #ffca16; --link: #70b8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .35rem; }
p { margin: .4rem 0; } .dim { color: var(--dim); }
.passed { color: var(--good); } .failed { color: var(--bad); } .errored, .unfinished, .flaky { color: var(--odd); }
.skipped { color: var(--dim); }
.badge { display: inline-block; min-width: 6.2rem; font-weight: 600; }
details { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: .4rem 0; }
details details { margin: .5rem 0; border-radius: 6px; }
summary { cursor: pointer; padding: .5rem .8rem; overflow-wrap: anywhere; }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 6px; }
.inside { padding: 0 .9rem .8rem; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
dd, td, code, pre { font-variant-ligatures: none; }
pre, code { font: 13px/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--code); border-radius: 6px; padding: .6rem .8rem; margin: .4rem 0; overflow: auto;
  max-height: 28rem; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.sql { white-space: pre; overflow-wrap: normal; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top;
  padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 500; white-space: nowrap; } .short { white-space: nowrap; }
.notice { border-left: 4px solid var(--odd); padding: .3rem .9rem; background: var(--card); margin: 1rem 0; }
footer { margin-top: 3rem; color: var(--dim); font-size: .85rem; }
@media print { details > .inside { display: block; } pre { max-height: none; } }
@media (max-width: 34rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
"""
