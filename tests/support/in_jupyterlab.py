"""What tests in JupyterLab ask of its page."""

# The notebook that is looked at has its kernel, which waits.
READY = """() => {
  const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  const session = panel && panel.sessionContext;
  return Boolean(session && session.isReady && session.session?.kernel?.status === 'idle' && panel.content?.model);
}"""
