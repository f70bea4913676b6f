-- Refuses a TeX environment outside a formula: JupyterLab sets it, pandoc would show its source. Looking at every word
-- takes time, so converters/pandoc.py asks for it only where there is one.

local function word(el)
  local name = el.text:match("\\begin{(%a+%*?)}")
  if name then
    error("korus: a TeX environment that is not between $$ and $$ «" .. name .. "»", 0)
  end
end

return { { Str = word } }
