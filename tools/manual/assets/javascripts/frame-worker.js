// Lets the search work from a folder on a disk. Browsers start no worker for a file: there, the worker's script runs in
// a hidden frame of the page instead, and the two talk as a page and its worker do.
if (location.protocol === "file:") {
  window.Worker = class {
    constructor(url) {
      this.onmessage = null
      this.onerror = null
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.srcdoc = "<!doctype html>"
      this.started = new Promise((resolve) => {
        this.frame.onload = () => {
          const inside = this.frame.contentWindow
          inside.postMessage = (data) => setTimeout(() => this.onmessage?.(new MessageEvent("message", { data })))
          const script = inside.document.createElement("script")
          script.src = url
          script.onload = () => resolve(inside)
          script.onerror = () => this.onerror?.(new ErrorEvent("error", { message: `${url} cannot be read` }))
          inside.document.head.append(script)
        }
      })
      document.body.append(this.frame)
    }

    postMessage(data) {
      this.started.then((inside) => inside.onmessage(new MessageEvent("message", { data })))
    }

    terminate() {
      this.frame.remove()
    }
  }
}
